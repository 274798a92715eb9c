# headgate-story: the demo, never installed. It needs no Check, and so takes the rig's files themselves.
set(rig ${CMAKE_SOURCE_DIR}/tests/support/rig.c ${CMAKE_SOURCE_DIR}/tests/support/rig_acts.c
  ${CMAKE_SOURCE_DIR}/tests/support/rig_http.c ${CMAKE_SOURCE_DIR}/tests/support/rig_app.c)
set(here ${CMAKE_CURRENT_LIST_DIR})
add_executable(headgate-story ${here}/story_main.c ${here}/demo_steps.c ${here}/demo_play.c ${here}/demo_act.c
  ${here}/demo_bugs.c ${here}/demo_print.c ${here}/demo_files.c ${rig})
target_include_directories(headgate-story PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_definitions(headgate-story PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}"
  BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
target_link_libraries(headgate-story PRIVATE headgate_flags PkgConfig::JANSSON CURL::libcurl OpenSSL::Crypto)
add_dependencies(headgate-story headgate headgate-hook headgate-world)
add_test(NAME e2e.the_story_goes_as_told COMMAND headgate-story --once --port 0)
set_tests_properties(e2e.the_story_goes_as_told PROPERTIES LABELS "e2e" TIMEOUT 180 COST 10180)
