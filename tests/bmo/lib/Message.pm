# Stand-in for one message of the push queue.
package Message;
use strict;
use warnings;

# key, the bug's number, changed fields
sub new {
  my ($class, $key, $id, @fields) = @_;
  my ($target) = $key =~ /\A([a-z]+)/;
  my $bug  = {id => $id, summary => 'c4nary'};
  my $data = {event => {target => $target, user => {login => 'c4nary'}, changes => [map { {field => $_, added => 'c4nary'} } @fields]}};
  $data->{$target} = $target eq 'bug' ? $bug : {id => 31, bug => $bug};
  return bless {key => $key, data => $data}, $class;
}
sub routing_key     { return $_[0]{key} }
sub payload_decoded { return $_[0]{data} }

1;
