# Stand-in for Bugzilla itself, as far as the connector sees it: what a test says its database and parameters hold.
package Bugzilla;
use strict;
use warnings;

our %PARAMS;        # name -> value
our @DUPLICATES;    # [dupe, dupe_of]

sub params { return \%PARAMS }
sub dbh    { return bless {}, 'Bugzilla::StandIn::Dbh' }

package Bugzilla::StandIn::Dbh;

sub selectcol_arrayref {
  my ($self, $sql, undef, $id) = @_;
  my ($wanted, $given) = $sql eq 'SELECT dupe_of FROM duplicates WHERE dupe = ?' ? (1, 0)
    : $sql eq 'SELECT dupe FROM duplicates WHERE dupe_of = ?' ? (0, 1)
    :                                                           die "unforeseen: $sql\n";
  return [map { $_->[$wanted] } grep { $_->[$given] == $id } @Bugzilla::DUPLICATES];
}

1;
