### The page that audits in a browser. Every language has the same messages; a test fails if one is missing.

## Around everything

skip = Skip to the content
language = Language
kicker = Audit in your browser
title = Check an election yourself
lead = Give this page the public record of an election. It checks all of it on your own device: every signature, every encrypted ballot, every mix, every decryption and the result. Nothing is sent to anybody.

## Which election

election = Election id
election-help = 64 digits and letters, as the election commission published it before voting began. Without it the page checks everything else, and comparing the id is left to you.

## Where the record is

address-title = A record on the internet
address = Address of the record
address-help = The address of the folder that holds the file “checkpoint”. Its server must let other pages read it.
address-start = Fetch and check
folder-title = A record on this device
folder-help = Choose the folder, or drop it anywhere on this page. It stays on your device.
folder-start = Choose a folder

## Under way

checking = The record is being checked
checking-means = Keep this page open. You can do something else meanwhile.
workers = { $n ->
    [one] Proofs are checked by one worker.
   *[other] Proofs are checked by { $n-text } workers side by side.
  }
quiet = Nothing has been heard of the check for { $n-text } minutes. A large mix on a slow device can take that long. If it goes on, stop, close other programs and start again, or use the command “auditor verify”.
step-fetch = Fetching the record
step-entries = Reading every entry of the public board
step-ballots = Checking the proofs of the ballots
step-contests = Checking mixes and decryptions
parts = { $done-text } of { $total-text }
megabytes = { $n-text } MB so far
stop = Stop

## The report

report-ready = The audit is finished. The report follows.
of-record = Checked on this device: { $name }
save-page = Save the report as a page
save-json = Save the report as data (JSON)
another = Check another record

## The voting page

release-title = Is this voting page the published one?
release-means = Compares what a server gives this browser with the digests that a reviewer of the voting page has signed.
release-open = Compare a voting page
release-lead = Whoever has reviewed the voting page has signed the digests of its files. This page fetches the files and compares every one with what was signed.
release-address = Address of the voting page
release-address-help = As voters open it. What follows a # in it is left out and sent to nobody. The server must let other pages read it.
release-key = Public key of the release
release-key-help = A line of the form name+id+base64. Take it from a source that you trust, not from the voting page itself.
release-start = Fetch and compare
release-back = To the election record
release-checking = The voting page is being compared
release-ready = The comparison is finished. The answer follows.
release-same = Yes, this is the signed voting page
release-same-means = Every file that the server gave this browser is the one that was signed. Files compared: { $all-text }.
release-other = No, this is not the signed voting page
release-other-means = Files that are not the ones that were signed: { $n-text } of { $all-text }. Do not vote on this page. Save or print what you see here and tell the election commission.
release-now = This checks what the server gives this browser now. It can give others something else, or later, and it can tell this check from a voter’s visit. Check again at other times and from other networks, also with the command “auditor release check”.
release-signer = Signed by
release-version = Version
release-version-means = The voting page shows its version under “How do I know?”. Compare the two.
release-files = Every file
release-copies = Compressed copies that are signed too, and were not fetched: { $n-text }. Browsers get them unpacked; what came out of them is compared here.
release-file = File
release-found = Found
release-digest = Signed digest (SHA-256)
release-instead = Fetched instead:
release-found-same = the same
release-found-other = another
release-found-missing = missing
release-again = Check another voting page

## Problems

problem = This could not be done
problem-election = This is no election id. It has 64 digits and letters from a to f.
problem-address = This is no address that a page can fetch from. It begins with https:// or http://.
problem-no-record = There is no election record at this address.
problem-lost = The record cannot be fetched. Its server may be down, or may not let other pages read it. You can download the record and choose its folder instead.
problem-too-large = This record is too large for a browser. Check it with the command “auditor verify”.
problem-no-folder = This folder holds no election record. A record has the file “checkpoint” and the folders “tile” and “files”.
problem-release-key = This is no public key of a release. It has the form name+id+base64. Copy the whole line as whoever signs the voting page has published it.
problem-release-none = There is no signed release (release.note) at this address, so nothing was compared. Is it the address that voters open? If so, ask those who run the voting page for its signed release.
problem-release-unsigned = The release at this address is not signed by this key. Compare the key with what its owner has published. If it is the right key, do not vote on this page, and tell the election commission.
problem-release-malformed = What is at this address as a release cannot be read, so nothing was compared. Is it the address that voters open? If so, tell the election commission.
problem-release-lost = The voting page cannot be fetched, so there is no answer. Check the address. The server may be down, or may not let other pages read it. The command “auditor release check” needs no such permission.
problem-release-large = A file at this address is larger than any of a voting page, so there is no answer. Tell the election commission, and check with the command “auditor release check”.
problem-internal = The audit ended with an error of this page, so nothing is known about the record. Try again, or use the command “auditor verify”.
problem-details = Details

## Trust

trust = How far can I trust this page?
trust-source = As far as you trust where you got it from. A false page would call anything right. Get it from somebody who does not run the election, best from more than one.
trust-file = The whole page is one file. Save it, compare its digest (SHA-256) with what others publish, and open it from your own disk; it works there too.
trust-again = Or run the same checks with the command “auditor verify”, or with a verifier that somebody else has written.
trust-release = Release of this page
trust-digest = SHA-256 of this file, as it was fetched
trust-no-digest = This page was opened from a disk and cannot read itself: compute the digest of the file yourself, for example with sha256sum.
