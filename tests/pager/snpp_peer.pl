#!/usr/bin/perl
# Debian's SNPP server as a peer: what it took goes to a file, MSTAtus says delivered, then a reply.
# Arguments: port, file.
use strict;
use warnings;
use Net::SNPP::Server;

my ($port, $file) = @ARGV;
my $server = Net::SNPP::Server->new(Port => $port, Timeout => 10, MaxErrors => 20);
my %asked;
$server->callback('write_log', sub { });
$server->callback('process_page', sub {
    my ($pager, $page, $results) = @_;
    open(my $out, '>>', $file) or die $!;
    print $out join("\t", ref $pager ? $pager->[0] : $pager, $page->{mess}), "\n";
    close $out;
});
$server->custom_command('MSTA', sub {
    my ($tag) = @_;
    my $times = ++$asked{$tag};
    return ("960 1 20261122030000 queued", 1) if $times == 1;
    return ("860 2 20261122030001 delivered", 1) if $times == 2;
    return ("888 3 20261122030002 01", 1);
});
while (1) {
    my ($client) = $server->client();
    next unless defined $client;
    my @pages;
    $server->handle_client($client, \@pages);
    close $client;
}
