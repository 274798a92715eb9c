# headgate's connector: a part of Bugzilla's push extension, as bugzilla.mozilla.org has it (README.md here). It tells
# headgate of single bugs whether they are blocked, and of them nothing but the number.
#
#   secure     the public cannot see the bug, or it has one of the keywords or groups of the options
#   approved   an attachment that is not obsolete has one of the approval flags at +, and none at -
#   blocked    secure and not approved, or one with such a bug (duplicates, both ways)
#
# Blocked: PUT, else DELETE, of the bug and of each that is one with it. The bug is read when the message is sent, so
# that one that comes late tells nothing old. What cannot be read, and more duplicates than MANY, is blocked. Whatever
# goes wrong is tried again: nothing is lost, and nothing overtakes it.

package Bugzilla::Extension::Push::Connector::Headgate;

use 5.10.1;
use strict;
use warnings;

use base 'Bugzilla::Extension::Push::Connector::Base';

use Bugzilla;
use Bugzilla::Bug;
use Bugzilla::Extension::Push::Constants;
use Bugzilla::Extension::Push::Util qw(is_public);

use HTTP::Tiny;
use POSIX qw(strftime);
use Time::HiRes ();

use constant MANY    => 16;          # bugs that are one: as many as a policy looks at
use constant NUMBERS => 99_999_999;  # larger ones are no bugs to headgate
use constant SECONDS => 10;          # for one answer: all connectors wait for it

sub options {
  return (
    _option('url', 'URL of headgate, without a slash at its end', '', 1, \&_check_url),
    _option('tracker', 'Name of this tracker there; empty: the only one', '', 0, \&_check_name),
    {%{_option('token', 'Token, one of api_tokens there', '', 1, \&_check_token)}, type => 'password'},
    _option('keywords', 'Keywords that make a bug secure', 'sec-high, sec-critical', 0),
    _option('groups', 'Groups that make a bug secure', '', 0),
    _option('flags', 'Flags of attachments that approve', 'sec-approval', 0),
  );
}

sub _option {
  my ($name, $label, $default, $required, $check) = @_;
  return {
    name     => $name,
    label    => $label,
    type     => 'string',
    default  => $default,
    required => $required,
    ($check ? (validate => $check) : ()),
  };
}

# The token goes there: nobody may listen.
sub _check_url {
  my $url = shift // '';
  return if $url =~ m{\Ahttps://[^\s/?#@]+(?:/[^\s?#]*[^\s?#/])?\z};
  return if $url =~ m{\Ahttp://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?\z};
  die "The URL begins with https:// and ends without a slash\n";
}

sub _check_name {
  my $name = shift // '';
  die "The tracker's name is as in headgate's configuration\n" if $name !~ m{\A[a-z0-9_.-]*\z};
}

sub _check_token {
  my $token = shift // '';
  die "The token has 16 bytes or more, and no spaces\n" if $token !~ m{\A[\x21-\x7e]{16,}\z};
}

# ---- which messages ----

# Fields whose change blocks and unblocks nothing. Of any other it is not certain.
my $harmless = qr/\A(?:
    cc | assigned_to | qa_contact | reporter | short_desc | alias | priority | bug_severity | severity | bug_type | type
  | rep_platform | op_sys | version | target_milestone | component | status_whiteboard | whiteboard | bug_file_loc | url
  | blocked | dependson | depends_on | blocks | regressed_by | regresses | see_also | comment | votes | rank | tags
  | deadline | estimated_time | remaining_time | work_time | everconfirmed | bug_mentors? | mentors | cf_\w+
  | attachments\.(?:description|filename) | description | filename
)\z/x;

sub should_send {
  my ($self, $message) = @_;
  my $send = eval { $self->_concerns($message) };
  return $@ ? 1 : $send;    # an exception here would stop every connector
}

sub _concerns {
  my ($self, $message) = @_;
  my $key = $message->routing_key;
  return 0 if $key =~ /\Acomment\./;
  return 1 if $key !~ /\A(?:bug|attachment)\.modify(?::(.*))?\z/s;
  my @fields = (split(/,/, $1 // ''), map { $_->{field} // '' } @{$message->payload_decoded->{event}{changes} || []});
  return 1 if !@fields;
  my %approves = map { ("flag.$_" => 1) } $self->_words('flags');
  foreach my $field (@fields) {
    next if $field =~ $harmless || ($field =~ /\Aflag\.[\w-]+\z/ && !$approves{lc $field} && length($key) < 64);
    return 1;
  }
  return 0;
}

# ---- one message ----

sub send {
  my ($self, $message) = @_;
  my ($result, $why) = eval { $self->_deliver($message) };
  return $why ? ($result, $why) : $result if $result;
  return (PUSH_RESULT_TRANSIENT, 'the bug could not be read');    # the exception may quote it
}

sub _deliver {
  my ($self, $message) = @_;
  my $id = _bug_id($message->payload_decoded);
  return (PUSH_RESULT_IGNORED, 'no bug that headgate knows') if $id !~ /\A[1-9][0-9]*\z/ || $id > NUMBERS;
  my $seen    = _now();                                           # before anything is read
  my @bugs    = _one_with($id);
  my $blocked = @bugs > MANY || grep { $self->_is_blocked($_) } @bugs;
  foreach my $bug (@bugs) {
    my $why = $self->_tell($bug, $blocked, $seen);
    return (PUSH_RESULT_TRANSIENT, $why) if $why;
  }
  return PUSH_RESULT_OK;
}

sub _bug_id {
  my $data   = shift;
  my $target = $data->{event}{target} // '';
  my $bug    = $target eq 'bug' ? $data->{bug} : $data->{$target}{bug};
  return $bug->{id} // '';
}

sub _now {
  my ($seconds, $micros) = Time::HiRes::gettimeofday();
  return strftime('%Y-%m-%dT%H:%M:%S', gmtime($seconds)) . sprintf('.%03dZ', $micros / 1000);
}

# The bug, what it is a duplicate of, and all duplicates of those: at most one more than MANY, the bug first.
sub _one_with {
  my $id   = shift;
  my $dbh  = Bugzilla->dbh;
  my @bugs = ($id);
  my %has  = ($id => 1);
  for (my $i = 0; $i < @bugs && @bugs <= MANY; $i++) {
    my @next = map { @{$dbh->selectcol_arrayref($_, undef, $bugs[$i])} }
      'SELECT dupe_of FROM duplicates WHERE dupe = ?', 'SELECT dupe FROM duplicates WHERE dupe_of = ?';
    foreach my $other (sort { $a <=> $b } @next) {
      push @bugs, $other if @bugs <= MANY && !$has{$other}++;
    }
  }
  return @bugs;
}

# ---- what a bug is ----

sub _is_blocked {
  my ($self, $id) = @_;
  my $bug = Bugzilla::Bug->new($id);
  return 1 if !$bug || $bug->{error};
  return 0 if is_public($bug) && !$self->_is_rated($bug);
  return !grep { $self->_approves($_) } @{$bug->attachments};
}

sub _is_rated {
  my ($self, $bug) = @_;
  my %rates = map { ($_ => 1) } $self->_words('keywords');
  my %hides = map { ($_ => 1) } $self->_words('groups');
  return 1 if grep { $rates{lc $_->name} } @{$bug->keyword_objects};
  return 1 if grep { $hides{lc $_->name} } @{$bug->groups_in};
  return 0;
}

# Beside a - no + counts.
sub _approves {
  my ($self, $attachment) = @_;
  my %asked = map { ($_ => 1) } $self->_words('flags');
  my @states = map { $_->status } grep { $asked{lc $_->name} } @{$attachment->flags};
  return !$attachment->isobsolete && (grep { $_ eq '+' } @states) && !(grep { $_ eq '-' } @states);
}

sub _words {
  my ($self, $option) = @_;
  return grep { $_ ne '' } map { lc } split(/[\s,]+/, $self->config->{$option} // '');
}

# ---- the request ----

# Empty, or why it is to be tried again: never what was answered, nor which bug it was.
sub _tell {
  my ($self, $id, $blocked, $seen) = @_;
  my $config = $self->config;
  my @path   = grep { $_ ne '' } $config->{tracker} // '', $id;
  my %with   = (
    headers => {'authorization' => "Bearer $config->{token}", 'content-type' => 'application/json'},
    content => qq({"seen":"$seen"}),
  );
  my $answer = eval {
    local $SIG{ALRM} = sub { die "late\n" };    # the agent's own time-out is for each part of an answer
    alarm 2 * SECONDS;
    my $got = $self->_agent->request($blocked ? 'PUT' : 'DELETE', join('/', $config->{url}, 'api/v1/bugs', @path), \%with);
    alarm 0;
    $got;
  };
  alarm 0;
  return 'headgate did not answer' if !$answer || $answer->{status} == 599;
  return $answer->{status} =~ /\A2[0-9]{2}\z/ ? '' : "headgate answered $answer->{status}";
}

# Follows no redirect: the token is for this address alone.
sub _agent {
  my $self = shift;
  my $proxy = Bugzilla->params->{proxy_url} || undef;
  $self->{agent} ||= HTTP::Tiny->new(
    agent        => 'Bugzilla',
    max_redirect => 0,
    max_size     => 65536,
    timeout      => SECONDS,
    verify_SSL   => 1,
    proxy        => undef,
    http_proxy   => undef,
    https_proxy  => $proxy,
  );
  return $self->{agent};
}

1;
