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

## Problems

problem = This could not be done
problem-election = This is no election id. It has 64 digits and letters from a to f.
problem-address = This is no address that a page can fetch from. It begins with https:// or http://.
problem-no-record = There is no election record at this address.
problem-lost = The record cannot be fetched. Its server may be down, or may not let other pages read it. You can download the record and choose its folder instead.
problem-too-large = This record is too large for a browser. Check it with the command “auditor verify”.
problem-no-folder = This folder holds no election record. A record has the file “checkpoint” and the folders “tile” and “files”.
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
