// Package facts turns reports and event logs into the few things that rules talk about:
// for each computer, the account of the ADSync service, what is known of its logon
// rights, from GPOs and from the computer itself, what the service did and when, and what
// the logs cover.
//
// Every fact carries its evidence and, where it cannot be told, the reasons and a command
// that would settle it. Nothing is concluded from what is absent: a group whose members
// are unknown may hold the account, a log that wrapped may have held the event, and a
// report of the user's half says nothing of the computer.
//
// Beside the facts that rules read, a host has a timeline, in which loops are folded, and a
// history: what went wrong and is over.
//
// A [Collector] is fed with reports, events and coverage in any order and gives the same
// hosts for the same input. It is not safe for concurrent use; the hosts that it returns
// are plain values.
package facts
