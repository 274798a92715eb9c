# Asks a test program for its tests and writes one add_test each. A program that lists none is an error: a test file
# that runs nothing must not look green. What may take longest begins first, and what waits for programs before what only
# works, so that no long test is the last one.
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
set(waits 10000)
set(how "")
if(LABEL STREQUAL "unit") # a child for each row, and what it costs to look for its leaks, would be most of the work
  set(waits 0)
  set(how ";CK_FORK=no")
endif()
foreach(line ${lines})
  string(REGEX REPLACE "^([^ ]+) ([0-9]+) ([0-9]+)$" "\\1;\\2;\\3" words ${line})
  list(GET words 0 case)
  list(GET words 1 seconds)
  list(GET words 2 rows)
  math(EXPR cost "${waits} + ${seconds} * ${rows}")
  string(APPEND text "add_test(\"${NAME}.${case}\" \"${PROGRAM}\")\n"
    "set_tests_properties(\"${NAME}.${case}\" PROPERTIES ENVIRONMENT \"CK_RUN_CASE=${case}${how}\" TIMEOUT ${seconds} COST ${cost} LABELS ${LABEL} SKIP_RETURN_CODE 77)\n")
endforeach()
file(WRITE ${OUT} "${text}")
