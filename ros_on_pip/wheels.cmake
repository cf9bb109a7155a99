# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

# Given to CMake as CMAKE_PROJECT_INCLUDE when interface packages are built on the ROS wheels.

# The wheels' *__rosidl_generator_py targets carry include directories of the machine that built
# them, and CMake refuses to use a target whose directories do not exist.
function(dcat_drop_missing_include_directories)
  get_directory_property(targets IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(directories ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(directories)
      list(FILTER directories EXCLUDE REGEX "^/opt/python/")
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${directories}")
    endif()
  endforeach()
endfunction()

# The Fast DDS type supports are one small file a message with the same large headers: compile them
# together, once a package.
function(dcat_compile_fast_dds_together)
  foreach(name fastrtps_c fastrtps_cpp)
    set(target ${PROJECT_NAME}__rosidl_typesupport_${name})
    if(TARGET ${target})
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    endif()
  endforeach()
endfunction()

cmake_language(DEFER CALL dcat_drop_missing_include_directories)
cmake_language(DEFER CALL dcat_compile_fast_dds_together)
