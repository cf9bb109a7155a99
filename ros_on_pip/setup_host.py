# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Set up this clone for its host, then run a command in it.

    python3 ros_on_pip/setup_host.py [--extras train,pose,test] [-- COMMAND ARGUMENT...]

This file uses syntax of old Python versions, so that they print the message below.
"""

import sys

if __name__ == '__main__':
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        message = (
            'Python %d.%d is not supported: install Python 3.10 to 3.13 and choose it, '
            'for example `make demo PYTHON=python3.12`.')
        sys.exit(message % sys.version_info[:2])
    from host.main import main
    main()
