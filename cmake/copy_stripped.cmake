# cmake -DSTRIP=<strip or nothing> -P copy_stripped.cmake <library> <target>: a copy without its symbol table.
math(EXPR last "${CMAKE_ARGC} - 1")
math(EXPR before "${CMAKE_ARGC} - 2")
set(library "${CMAKE_ARGV${before}}")
set(target "${CMAKE_ARGV${last}}")
get_filename_component(folder "${target}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
if(STRIP)
  execute_process(COMMAND "${STRIP}" --strip-unneeded -o "${target}.new" "${library}" COMMAND_ERROR_IS_FATAL ANY)
else()
  file(COPY_FILE "${library}" "${target}.new")
endif()
file(CHMOD "${target}.new" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
file(RENAME "${target}.new" "${target}")  # replaced in one step: a running process keeps the old file
