# Asks a test program for its tests and writes one add_test each. A program that lists none is an error: a test file
# that runs nothing must not look green.
execute_process(COMMAND ${PROGRAM} --list OUTPUT_VARIABLE out RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list failed (${code})")
endif()
string(REGEX MATCHALL "[^\n]+" lines "${out}")
list(LENGTH lines n)
if(n EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} lists no test")
endif()
set(text "")
foreach(line ${lines})
  string(REGEX REPLACE " .*" "" case ${line})
  string(REGEX REPLACE ".* " "" seconds ${line})
  string(APPEND text "add_test(\"${NAME}.${case}\" \"${PROGRAM}\")\n"
    "set_tests_properties(\"${NAME}.${case}\" PROPERTIES ENVIRONMENT \"CK_RUN_CASE=${case}\" TIMEOUT ${seconds} LABELS ${LABEL} SKIP_RETURN_CODE 77)\n")
endforeach()
file(WRITE ${OUT} "${text}")
