// Package gpreport reads the reports that Windows writes about Group Policy:
// which GPOs applied to a computer or user, which were denied and why, which
// settings won and through which GPO.
//
// [Parse] reads four formats into one [Report]:
//
//   - The HTML of "gpresult /H" and of Group Policy Results and Modeling saved
//     from the Group Policy Management Console, of Windows 8 and later, in any
//     language. Structure is found by the markup, which is the same in all
//     languages; words are only needed to know which user right a row is, and
//     tables of them in many languages are built in. What is not recognised is
//     kept as it stands, with a warning.
//   - The XML of "gpresult /X", Get-GPResultantSetOfPolicy and the console. It
//     has no words to be understood: rights are constants, winners are GUIDs,
//     groups have SIDs and times are in UTC. Every element of every block is a
//     setting: known ones have good names and values, and whatever else stands
//     in one is a detail. Reports of single GPOs, as of Get-GPOReport and in
//     backups, are read alike, one or many in a file.
//   - What "gpresult /R", "/V" and "/Z" print, in the encodings that redirecting it gives, or
//     copied from a console that broke its lines. Its parts are told apart by indentation
//     and underlines; user rights are constants. /R lists no settings. Only /Z lists what
//     GPOs define that lose, without saying which one wins.
//   - Security templates: the settings of a computer's own security database as
//     "secedit /export" writes them, and the GptTmpl.inf of a GPO. The two look much
//     alike; [Report].Results tells them apart where that can be told.
//
// Three things look alike and are kept apart:
//
//   - A right with an empty list is defined: nobody has it.
//   - A right without a row is not defined by any GPO. The report does not show
//     the local policy, which then decides. In an export of the computer's own
//     database, nobody has a right that is not listed.
//   - A scope without data ([Report].Computer is nil) says nothing at all, for
//     example because gpresult did not run as administrator.
//
// If a file is damaged, [Scope].Incomplete says that the second cannot be told
// from a row that was lost.
//
// [Compare] tells what differs between two reports, and [Selection] chooses from a report or
// from such a comparison by half, part, user right, heading, text and GPO.
//
// All values are plain data, safe to read from several goroutines.
package gpreport
