# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The steps of the demonstration."""

from dcat_ros.demo.steps import deploy, fail_over, infer, person, record, report, train

STEPS = {
    'person': person,
    'record': record,
    'report': report,
    'train': train,
    'deploy': deploy,
    'infer': infer,
    'fail_over': fail_over,
}
