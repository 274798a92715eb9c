# Stand-in: whether the public can see a bug.
package Bugzilla::Extension::Push::Util;
use strict;
use warnings;
use base 'Exporter';

our @EXPORT_OK = qw(is_public);

sub is_public { return $_[0]{public} ? 1 : 0 }

1;
