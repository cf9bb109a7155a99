# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The steps of the demonstration."""

from dcat_ros.demo.steps import deploy, fail_over, few_labels, infer, person, record, report, train

STEPS = {
    'person': person,
    'record': record,
    'report': report,
    'train': train,
    'few_labels': few_labels,
    'deploy': deploy,
    'infer': infer,
    'fail_over': fail_over,
}
