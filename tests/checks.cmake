# Checks of the tree itself, each a CTest of its own.
add_test(NAME layers.includes COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/layers.sh includes ${CMAKE_SOURCE_DIR})
set_tests_properties(layers.includes PROPERTIES LABELS "unit")
if(NOT HEADGATE_SANITIZE AND NOT HEADGATE_COVERAGE) # sanitizers add symbols of their own, and link no static program
  add_test(NAME layers.symbols COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/layers.sh symbols $<TARGET_FILE:headgate_policy>)
  add_test(NAME hardening.flags COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/hardening.sh $<TARGET_FILE:headgate>)
  set_tests_properties(layers.symbols hardening.flags PROPERTIES LABELS "release")
  add_test(NAME hook.static COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/static.sh $<TARGET_FILE:headgate-hook> "${HAVE_STATIC_PIE}")
  set_tests_properties(hook.static PROPERTIES LABELS "unit;release" SKIP_RETURN_CODE 77)
endif()
add_test(NAME house.sizes COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/sizes.sh ${CMAKE_SOURCE_DIR})
set_tests_properties(house.sizes PROPERTIES LABELS "unit")
add_test(NAME rows.named COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/rows.sh ${CMAKE_SOURCE_DIR})
set_tests_properties(rows.named PROPERTIES LABELS "unit")
add_test(NAME bmo.connector COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/bmo/run.sh ${CMAKE_SOURCE_DIR})
set_tests_properties(bmo.connector PROPERTIES LABELS "unit" TIMEOUT 120 SKIP_RETURN_CODE 77)
if(TARGET headgate)
  add_test(NAME docs.true COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/docs.sh ${CMAKE_SOURCE_DIR} $<TARGET_FILE:headgate>)
  set_tests_properties(docs.true PROPERTIES LABELS "unit")
endif()

# The end-to-end tests once more, with the forge's own description between the agent and the world.
add_test(NAME contract COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/contract/run.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
set_tests_properties(contract PROPERTIES LABELS "e2e" TIMEOUT 1200 COST 30000 SKIP_RETURN_CODE 77)

# The protocol's model: two verifiers at a time, and without spin a failure.
headgate_busy_test(model model 300 sh ${CMAKE_CURRENT_SOURCE_DIR}/model/run.sh)

# Each header is also compiled alone.
file(GLOB_RECURSE headers RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/policy/*.h ${CMAKE_SOURCE_DIR}/git/*.h ${CMAKE_SOURCE_DIR}/webhooks/*.h ${CMAKE_SOURCE_DIR}/agent/*.h)
set(alone "")
foreach(header ${headers})
  string(MAKE_C_IDENTIFIER ${header} name)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/alone/${name}.c CONTENT "#include \"@header@\"\n" @ONLY)
  list(APPEND alone ${CMAKE_CURRENT_BINARY_DIR}/alone/${name}.c)
endforeach()
add_library(headgate_headers_alone OBJECT ${alone})
target_include_directories(headgate_headers_alone PRIVATE ${CMAKE_SOURCE_DIR} ${GIT2_INCLUDE_DIRS})
target_link_libraries(headgate_headers_alone PRIVATE headgate_flags)
target_compile_options(headgate_headers_alone PRIVATE -Wno-pedantic)
