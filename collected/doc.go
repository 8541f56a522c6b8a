// Package collected reads the small text files that collectors bring beside reports and event
// logs, as far as they say something of a service, the account that it runs as, or how a
// computer is set up.
//
// What it reads, recognised by content and never by name:
//
//   - Registry exports (reg export, regedit; version 5 and REGEDIT4), also of all of
//     HKLM\SYSTEM or HKLM\SOFTWARE, hundreds of megabytes: they are streamed, and only a
//     few keys are kept.
//   - The output of sc qc, sc query, sc queryex and sc qmanagedaccount, several services and
//     commands in one file, in the languages of Windows.
//   - The output of whoami /all, /user and /groups as tables, lists or CSV.
//   - Services as Get-Service and Win32_Service list them, as CSV or as lists.
//   - The error that a tool left in a file in place of its output, such as "Access is denied".
//
// Several outputs may stand in one text, with others between them; a text is read until
// nothing was recognised in a mebibyte of it.
//
// [Parse] reads any of them into a [File]:
//
//	f, err := collected.Parse(ctx, r, size, collected.Config{Source: "sc.txt"})
//	if f == nil {
//		return err
//	}
//	for _, s := range f.Services {
//		fmt.Println(s.Name, s.Account.Text, s.Account.At.Line)
//	}
//
// A file rarely tells its computer, and hardly ever its time: File.Host is empty where it
// does not, and the reader has to know from elsewhere. Every statement is a [Value] with the
// line on which it stands; the zero Value says nothing, which is not the same as an empty
// text.
//
// [ParseGroups] reads a list of group members that a person writes by hand.
//
// Input is taken for hostile: time is linear in its size, memory is bounded by [Config]
// whatever the file declares, and what could not be used is told in File.Warnings.
package collected
