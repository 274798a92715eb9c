# The connector, with stand-ins for Bugzilla, tells a headgate of one bug, which is "open", "secure" or "approved".
#   perl say.pl CONNECTOR URL TOKEN-FILE NUMBER STATE
# Ends with what send() returned: 1 is "OK", 3 "to be tried again".
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Message;

my ($connector, $url, $file, $id, $state) = @ARGV;
my %states = (
  open     => {public => 1},
  secure   => {public => 0, keywords => ['sec-high']},
  approved => {public => 0, keywords => ['sec-high'], attachments => [{flags => [['sec-approval', '+']]}]},
);
no warnings 'once';
require $connector;
open(my $in, '<', $file) or die "$file: $!\n";
my $token = <$in> // '';
chomp $token;
%Bugzilla::Extension::Push::Connector::Base::CONFIG = (url => $url, token => $token);
%Bugzilla::Bug::BUGS = ($id => $states{$state} // die "no state $state\n");
my $headgate = Bugzilla::Extension::Push::Connector::Headgate->new;
my $message  = Message->new('bug.modify:keywords', $id, 'keywords');
die "not sent\n" if !$headgate->should_send($message);
my ($result, $why) = $headgate->send($message);
print STDERR "$why\n" if $why;
exit $result;
