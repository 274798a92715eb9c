# examples/bmo/Headgate.pm with stand-ins for Bugzilla's own modules (lib/), against a server of this test's own.
#   perl connector.pl CONNECTOR
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp ();
use IO::Socket::INET;
use Message;
use POSIX ();
use Test::More;

use constant TOKEN => 'a-token-of-the-tests';

require $ARGV[0];
my $class = 'Bugzilla::Extension::Push::Connector::Headgate';

# ---- a server that answers as it is told, and writes down what it was asked ----

my $dir    = File::Temp->newdir;
my $listen = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1', LocalPort => 0) or die "listen: $!";
my $url    = 'http://127.0.0.1:' . $listen->sockport;

sub file_of { return "$dir/$_[0]" }

sub put_file {
  my ($name, $content) = @_;
  open(my $out, '>', file_of("$name.new")) or die $!;
  print $out $content;
  close $out;
  rename file_of("$name.new"), file_of($name);
}

sub get_file {
  open(my $in, '<', file_of($_[0])) or return '';
  local $/ = undef;
  return scalar <$in> // '';
}

sub serve_one {
  my $client = shift;
  local $/ = "\r\n";
  my $head = '';
  while (defined(my $line = <$client>)) {
    last if $line eq "\r\n";
    $head .= $line;
  }
  my ($length) = $head =~ /^content-length: ([0-9]+)/im;
  my $body = '';
  read($client, $body, $length) if $length;
  open(my $out, '>>', file_of('asked')) or die $!;
  print $out "$head\n$body\n--\n";
  close $out;
  print $client get_file('answer') if get_file('answer') ne 'nothing';
  close $client;
}

my $server = fork() // die "fork: $!";
if ($server == 0) {
  while (my $client = $listen->accept) { serve_one($client) }
  POSIX::_exit(0);
}
END { kill 'KILL', $server if $server }

sub answers {
  my $status = shift;
  put_file('answer', $status eq 'nothing' ? $status : "HTTP/1.1 $status\r\nConnection: close\r\nContent-Length: 7\r\n\r\nc4nary\n");
}

# ---- one message ----

my %defaults = (url => $url, token => TOKEN);

sub connector {
  no warnings 'once';
  %Bugzilla::Extension::Push::Connector::Base::CONFIG = (%defaults, @_);
  unlink file_of('asked');
  return $class->new;
}

# "PUT 7, DELETE 8"
sub asked {
  my @lines;
  foreach my $request (split(/^--\n/m, get_file('asked'))) {
    push @lines, "$1 $2" if $request =~ m{\A([A-Z]+) /api/v1/bugs/(\S+) HTTP/1.1};
  }
  return join(', ', @lines);
}

# ---- what is blocked ----

sub attachment { return {attachments => [@_]} }
my $granted = {flags => [['sec-approval', '+']]};
my @bugs = (
  ['a public bug',                   {public => 1},                                                       'DELETE'],
  ['one that the public cannot see', {public => 0},                                                       'PUT'],
  ['a rated one',                    {public => 1, keywords => ['sec-high']},                             'PUT'],
  ['a rating in capitals',           {public => 1, keywords => ['Sec-Critical']},                         'PUT'],
  ['another keyword',                {public => 1, keywords => ['sec-low', 'regression']},                'DELETE'],
  ['a group that makes secure',      {public => 1, groups => ['core-security']},                          'PUT'],
  ['another group',                  {public => 1, groups => ['editbugs']},                               'DELETE'],
  ['approved',                       {public => 0, %{attachment($granted)}},                              'DELETE'],
  ['approved, and rated',            {public => 1, keywords => ['sec-high'], %{attachment($granted)}},    'DELETE'],
  ['asked for',                      {public => 0, %{attachment({flags => [['sec-approval', '?']]})}},    'PUT'],
  ['denied',                         {public => 0, %{attachment({flags => [['sec-approval', '-']]})}},    'PUT'],
  ['granted and denied',             {public => 0, %{attachment({flags => [['sec-approval', '+'], ['sec-approval', '-']]})}}, 'PUT'],
  ['another flag',                   {public => 0, %{attachment({flags => [['review', '+']]})}},          'PUT'],
  ['approved, and obsolete',         {public => 0, %{attachment({%$granted, obsolete => 1})}},            'PUT'],
  ['an obsolete one, and another',   {public => 0, %{attachment({%$granted, obsolete => 1}, $granted)}},  'DELETE'],
  ['without attachments',            {public => 0, attachments => []},                                    'PUT'],
);

sub tell_bugs {
  answers('202 Accepted');
  foreach my $row (@bugs) {
    my ($what, $bug, $method) = @$row;
    my $headgate = connector(groups => 'core-security, other-security');
    %Bugzilla::Bug::BUGS = (7 => $bug);
    is_deeply([$headgate->send(Message->new('bug.modify:keywords', 7, 'keywords'))], [1], "$what: sent");
    is(asked(), "$method 7", $what);
  }
}

sub tell_of_attachments_and_strangers {
  my $headgate = connector();
  %Bugzilla::Bug::BUGS = (7 => {public => 0});
  is_deeply([$headgate->send(Message->new('attachment.modify:isobsolete', 7, 'isobsolete'))], [1], 'an attachment');
  is(asked(), 'PUT 7', "an attachment's bug");
  $headgate = connector();
  %Bugzilla::Bug::BUGS = ();
  is_deeply([$headgate->send(Message->new('bug.modify:keywords', 8, 'keywords'))], [1], 'one that cannot be read');
  is(asked(), 'PUT 8', 'what cannot be read is blocked');
  foreach my $id ('', '0', '-7', '7x', '100000000', "7\n") {
    $headgate = connector();
    is(($headgate->send(Message->new('bug.modify:keywords', $id, 'keywords')))[0], 2, 'no number of a bug');
    is(asked(), '', 'nothing is sent of it');
  }
}

# ---- duplicates ----

sub tell_duplicates {
  my @chains = (
    ['one is secure',           [[7, 8]], {7 => 1, 8 => 0}, 7, 'PUT 7, PUT 8'],
    ['from the other side',     [[7, 8]], {7 => 1, 8 => 0}, 8, 'PUT 8, PUT 7'],
    ['none is',                 [[7, 8]], {7 => 1, 8 => 1}, 7, 'DELETE 7, DELETE 8'],
    ['a sister',                [[7, 8], [9, 8]], {7 => 1, 8 => 1, 9 => 0}, 7, 'PUT 7, PUT 8, PUT 9'],
    ['a ring',                  [[7, 8], [8, 7]], {7 => 1, 8 => 1}, 7, 'DELETE 7, DELETE 8'],
    ['other bugs are not told', [[1, 2]], {7 => 1}, 7, 'DELETE 7'],
  );
  foreach my $row (@chains) {
    my ($what, $pairs, $public, $id, $wanted) = @$row;
    my $headgate = connector();
    @Bugzilla::DUPLICATES = @$pairs;
    %Bugzilla::Bug::BUGS = map { ($_ => {public => $public->{$_}}) } keys %$public;
    is_deeply([$headgate->send(Message->new('bug.modify:resolution', $id, 'resolution'))], [1], "$what: sent");
    is(asked(), $wanted, $what);
  }
  my $headgate = connector();
  @Bugzilla::DUPLICATES = map { [$_, 7] } 101 .. 120;
  %Bugzilla::Bug::BUGS = map { ($_ => {public => 1}) } 7, 101 .. 120;
  is_deeply([$headgate->send(Message->new('bug.create', 7))], [1], 'many: sent');
  my @told = split(/, /, asked());
  is(scalar @told, 17, 'as many as are looked at');
  is(scalar(grep { !/\APUT / } @told), 0, 'and blocked, since more were not');
  @Bugzilla::DUPLICATES = ();
}

# ---- what leaves Bugzilla ----

sub tell_nothing_else {
  my $headgate = connector(tracker => 'bmo');
  %Bugzilla::Bug::BUGS = (7 => {public => 0, keywords => ['c4nary'], groups => ['c4nary'], summary => 'c4nary'});
  $headgate->send(Message->new('bug.modify:keywords', 7, 'keywords'));
  my $asked = get_file('asked');
  is(asked(), 'PUT bmo/7', 'the tracker is named');
  like($asked, qr/^authorization: Bearer ${\TOKEN}\r$/im, 'the token');
  like($asked, qr/^content-type: application\/json\r$/im, 'the type');
  like($asked, qr/^\{"seen":"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}Z"\}$/m, 'the time');
  unlike($asked, qr/c4nary|sec-|keyword|group/i, 'and no word of the bug');
}

# ---- what goes wrong ----

sub keep_what_fails {
  my @answers = ('400 Bad Request', '401 Unauthorized', '403 Forbidden', '404 Not Found', '405 No', '408 Late',
    '413 Large', '429 Many', '500 Broken', '502 Gateway', '503 Busy', '301 Moved', "302 Found\r\nLocation: $url/elsewhere",
    "303 See Other\r\nLocation: $url/api/v1/bugs/elsewhere", 'nothing');
  %Bugzilla::Bug::BUGS = (7 => {public => 0});
  foreach my $answer (@answers) {
    my $headgate = connector();
    answers($answer);
    my ($result, $why) = $headgate->send(Message->new('bug.modify:keywords', 7, 'keywords'));
    my ($name) = $answer =~ /\A(\w+)/;
    is($result, 3, "$name: to be tried again");
    is($why, $name eq 'nothing' ? 'headgate did not answer' : "headgate answered $name", "$name: and why");
    like(asked(), qr/\APUT 7(?:, PUT 7)*\z/, "$name: and nobody else is asked");
  }
  answers('202 Accepted');
  my $headgate = connector(url => 'http://127.0.0.1:1');
  is(($headgate->send(Message->new('bug.create', 7)))[0], 3, 'nobody listens: to be tried again');
  $headgate = connector();
  $Bugzilla::Bug::DIES = "bug 7, c4nary, is broken\n";
  my ($result, $why) = $headgate->send(Message->new('bug.create', 7));
  is($result, 3, 'a bug that cannot be read: to be tried again');
  unlike($why, qr/7|c4nary/, 'and not a word of it');
  is(asked(), '', 'and nothing is told');
  $Bugzilla::Bug::DIES = undef;
}

# ---- which messages ----

sub choose_messages {
  my @messages = (
    ['bug.create',                        [],                          1],
    ['bug.modify',                        [],                          1],
    ['bug.modify:',                       [],                          1],
    ['bug.modify:keywords',               ['keywords'],                1],
    ['bug.modify:cc',                     ['cc'],                      0],
    ['bug.modify:cc,short_desc,cf_x',     ['cc', 'short_desc', 'cf_x'], 0],
    ['bug.modify:cc,keywords',            ['cc', 'keywords'],          1],
    ['bug.modify:cc',                     ['cc', 'keywords'],          1],
    ['bug.modify:cc,bug_gr',              ['cc'],                      1],
    ['bug.modify:bug_group',              ['bug_group'],               1],
    ['bug.modify:product,component',      ['product', 'component'],    1],
    ['bug.modify:dupe_of',                ['dupe_of'],                 1],
    ['bug.modify:resolution',             ['resolution'],              1],
    ['bug.modify:something_new',          ['something_new'],           1],
    ['bug.modify:flag.needinfo',          ['flag.needinfo'],           0],
    ['attachment.create',                 [],                          1],
    ['attachment.modify:flag.sec-approval', ['flag.sec-approval'],     1],
    ['attachment.modify:flag.Sec-Approval', ['flag.Sec-Approval'],     1],
    ['attachment.modify:flag.review',     ['flag.review'],             0],
    ['attachment.modify:' . ('cc,' x 14) . 'flag.sec', ['cc'],         1],
    ['attachment.modify:isobsolete',      ['isobsolete'],              1],
    ['attachment.modify:isprivate',       ['isprivate'],               1],
    ['attachment.modify:filename',        ['filename'],                0],
    ['comment.create',                    [],                          0],
    ['somebody.knows',                    [],                          1],
  );
  my $headgate = connector();
  $Bugzilla::Bug::READS = 0;
  foreach my $row (@messages) {
    my ($key, $fields, $wanted) = @$row;
    is($headgate->should_send(Message->new($key, 7, @$fields)) ? 1 : 0, $wanted, $key);
  }
  is($headgate->should_send({}), 1, 'what is no message is sent, and stops nobody');
  is($Bugzilla::Bug::READS, 0, 'no bug is read to choose');
}

# ---- options ----

sub check_options {
  my %options = map { ($_->{name} => $_) } $class->new->options;
  my @values  = (
    ['url', 'https://gate.example.org',      1], ['url', 'https://gate.example.org/sub',   1],
    ['url', 'http://127.0.0.1:8480',         1], ['url', 'http://gate.example.org',        0],
    ['url', 'https://gate.example.org/',     0], ['url', 'https://gate.example.org?x',     0],
    ['url', 'https://who@gate.example.org',  0], ['url', '',                               0],
    ['url', "https://gate.example.org\n",    0], ['token', TOKEN,                          1],
    ['token', 'short',                       0], ['token', 'with a space in the middle',   0],
    ['token', "a-token-of-the-tests\n",      0], ['tracker', '',                           1],
    ['tracker', 'bmo',                       1], ['tracker', 'a/b',                        0],
  );
  foreach my $row (@values) {
    my ($name, $value, $fits) = @$row;
    my $ok = eval { $options{$name}{validate}->($value); 1 } ? 1 : 0;
    (my $shown = $value) =~ s/\n/\\n/g;
    is($ok, $fits, "$name: $shown");
  }
  is($options{token}{type}, 'password', 'the token is kept as a password');
}

tell_bugs();
tell_of_attachments_and_strangers();
tell_duplicates();
tell_nothing_else();
keep_what_fails();
choose_messages();
check_options();
done_testing();
