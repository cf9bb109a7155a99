# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How a program says no."""


def refused_by(main, capsys, *arguments):
    """Return what a program says when it gives up."""
    assert main([str(argument) for argument in arguments]) == 1
    output = capsys.readouterr().err.splitlines()[-1]
    assert output.startswith('error: ')
    return output
