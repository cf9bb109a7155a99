# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Encoders: one model-input window (batch, ...) to tokens (batch, tokens, dim)."""
