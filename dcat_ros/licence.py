# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The header of each file, for ament_copyright, which knows no SPDX lines by itself."""

from ament_copyright.licenses import apache2

APACHE2 = apache2._replace(file_headers=['{copyright}\nSPDX-License-Identifier: Apache-2.0'])
"""All else stays, as `ros2 pkg create` takes its licence texts from here too."""
