# Stand-in for the constants of the push extension.
package Bugzilla::Extension::Push::Constants;
use strict;
use warnings;
use base 'Exporter';

our @EXPORT = qw(PUSH_RESULT_OK PUSH_RESULT_IGNORED PUSH_RESULT_TRANSIENT);

use constant {PUSH_RESULT_OK => 1, PUSH_RESULT_IGNORED => 2, PUSH_RESULT_TRANSIENT => 3};

1;
