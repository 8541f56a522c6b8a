package main

import "github.com/gpevtx/gpevtx/internal/compare"

// jsonlClasses names every way in which evtx_dump 0.12.2 differs from us on real logs, with
// who is right and why.
var jsonlClasses = compare.Classes{
	"record: not read":     {Right: compare.Ours, Why: "it leaves the rest of a chunk at the first record whose header is damaged, and decodes no record whose templates another tear of the file spoiled; we look for the next record"},
	"record: half written": {Right: compare.Ours, Why: "the record was never written to its end, where its size stands again: values are zeros or cut off, some records are zeros as a whole"},

	"GUID braces":    {Right: compare.Ours, Why: "Windows prints GUIDs in braces, as literal XML of forwarded events shows; it omits them for values and keeps them for literals of templates"},
	"time digits":    {Right: compare.Ours, Why: "a FILETIME counts 100 ns; it cuts to microseconds, so that the last digit is lost"},
	"lone surrogate": {Right: compare.Ours, Why: "half of a surrogate pair is no character: we put U+FFFD in its place, it leaves it out without a trace"},
	"empty text":     {Right: compare.Both, Why: "a string of no characters: we print it as such, it prints null or nothing"},

	"depends on null": {Right: compare.Ours, Why: "an element whose dependency is a null value is left out ([MS-EVEN6] 2.2.12; evtxexport agrees); it prints an empty one"},
	"same key twice":  {Right: compare.Ours, Why: "of several data with one name it makes members of one key, of which most programs keep the last; we number them: the name, then with _1"},
}
