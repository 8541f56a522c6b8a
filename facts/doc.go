// Package facts turns reports and event logs into the few things that rules talk about:
// for each computer, the account of the ADSync service, what is known of its logon
// rights, from GPOs and from the computer itself, what the service did and when, what became
// of the computer's policy over time, what the synchronization engine logged, and what the
// logs cover.
//
// Every fact carries its evidence and, where it cannot be told, the reasons and a command
// that would settle it. Nothing is concluded from what is absent: a group whose members
// are unknown may hold the account, a log that wrapped may have held the event, and a
// report of the user's half says nothing of the computer.
//
// Beside the facts that rules read, a host has a timeline, in which loops are folded, and a
// history: what went wrong and is over.
//
// Files of collectors (package collected) show how a service is set up, but not when: they
// are a [Snapshot]. A snapshot outranks events for the name of the account, since it is
// usually the newest word, and nothing else: what happened is told by dated events, and where
// a snapshot disagrees with them that is said. A file belongs to the computer that it names;
// else to the one for which its folder or its name is named; else to the one whose inputs lie
// beside it. Where that leaves two, it is not used.
//
// A [Collector] is fed with reports, events, coverage and files in any order and gives the same
// hosts for the same input. It is not safe for concurrent use; the hosts that it returns
// are plain values.
package facts
