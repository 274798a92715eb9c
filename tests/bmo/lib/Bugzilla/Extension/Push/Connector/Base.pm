# Stand-in for what connectors are made from: options, with what a test configured.
package Bugzilla::Extension::Push::Connector::Base;
use strict;
use warnings;

our %CONFIG;

sub new { return bless {}, shift }

sub config {
  my $self = shift;
  return {(map { ($_->{name} => $_->{default}) } $self->options), %CONFIG};
}

1;
