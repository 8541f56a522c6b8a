// Package gpreport reads the reports that Windows writes about Group Policy:
// which GPOs applied to a computer or user, which were denied and why, which
// settings won and through which GPO.
//
// [ParseAll] recognises a format by its content and reads it into one model, the [Report]:
//
//   - The HTML of "gpresult /H", of Group Policy Results and Modeling saved from the Group
//     Policy Management Console, and of reports of single GPOs ("Save Report",
//     Get-GPOReport), of Windows 7 and later, in any language. Structure is found by the
//     markup, which is the same in all languages; words are only needed to know which user
//     right a row is, and tables of them in many languages are built in ([Origin] says how
//     sure each is). What is not recognised is kept as it stands, with a warning.
//   - The XML of the same: "gpresult /X", Get-GPResultantSetOfPolicy, Get-GPOReport and the
//     gpreport.xml of backups. It has no words to be understood: rights are constants,
//     winners are GUIDs, groups have SIDs and times are in UTC.
//   - What "gpresult /R", "/V" and "/Z" print, in the encodings that redirecting it gives, or
//     copied from a console that broke its lines. Its parts are told apart by indentation
//     and underlines; user rights are constants. /R lists no settings. Only /Z lists what
//     GPOs define that lose, without saying which one wins.
//   - Security templates: the settings of a computer's own security database as
//     "secedit /export" writes them, and the GptTmpl.inf of a GPO. The two look much
//     alike; [Report].Results tells them apart where that can be told.
//
// Nothing that a report states is left out. What programs ask for most has fields of its own:
// GPOs, user rights, components, restricted groups, services, the events that a report quotes
// ([Run]). All other settings are a [Setting] each, with the headings above it, and what
// stands beside settings is a [Note].
//
// [Report.Right] answers the question that most readers have, and keeps apart what looks
// alike:
//
//   - A right with an empty list is defined: nobody has it.
//   - A right without a row is not defined by any GPO. The report does not show
//     the local policy, which then decides. In an export of the computer's own
//     database, nobody has a right that is not listed.
//   - A scope without data ([Report].Computer is nil) says nothing at all, for
//     example because gpresult did not run as administrator.
//   - A report that is cut off or damaged, or a part of which was not understood, does not
//     tell the second from a row that was lost.
//
// [Report].Results says what the settings stand for: recorded results, a simulation, what one
// GPO defines, a computer's own settings. Only the first and the last are what a computer has.
//
// [Compare] tells what differs between two reports, and [Selection] chooses from a report or
// from such a comparison by half, part, user right, heading, text and GPO.
//
// All values are plain data, safe to read from several goroutines. Texts are as the report has
// them: whoever prints them must make them harmless.
package gpreport
