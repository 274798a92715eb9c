# Stand-in for a bug: what a test says is known of it.
package Bugzilla::Bug;
use strict;
use warnings;

our %BUGS;     # id -> {public, keywords, groups, attachments}
our $READS = 0;
our $DIES;     # what every reading dies of

sub new {
  my ($class, $id) = @_;
  $READS++;
  die $DIES if $DIES;
  return bless {error => 'NotFound'}, $class if !$BUGS{$id};
  return bless {id => $id, %{$BUGS{$id}}}, $class;
}
sub bug_id          { return $_[0]{id} }
sub keyword_objects { return [map { Bugzilla::StandIn->new(name => $_) } @{$_[0]{keywords} || []}] }
sub groups_in       { return [map { Bugzilla::StandIn->new(name => $_) } @{$_[0]{groups} || []}] }
sub attachments     { return [map { Bugzilla::StandIn->new(%$_) } @{$_[0]{attachments} || []}] }

package Bugzilla::StandIn;

sub new        { my ($class, %is) = @_; return bless {%is}, $class }
sub name       { return $_[0]{name} }
sub status     { return $_[0]{status} }
sub isobsolete { return $_[0]{obsolete} ? 1 : 0 }

sub flags {
  my $flags = $_[0]{flags} || [];
  return [map { Bugzilla::StandIn->new(name => $_->[0], status => $_->[1]) } @$flags];
}

1;
