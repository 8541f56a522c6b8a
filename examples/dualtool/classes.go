package main

import "github.com/gpevtx/gpevtx/internal/compare"

// classes names every way in which github.com/0xrawsec/golang-evtx v1.2.9 differs from us on
// real logs, with who is right and why.
var classes = compare.Classes{
	// Whole records.
	"record: panics":    {Right: compare.Ours, Why: "a reader must not panic; it is recovered here because the record is decoded in a goroutine of this program, which golang-evtx's own ways through a file do not allow"},
	"record: error":     {Right: compare.Ours, Why: "BinXML values that begin with an element have no dependency ids, and it reads some; attributes of several parts stop it too"},
	"record: not ended": {Right: compare.Ours, Why: "the size behind the record is missing: it was never written to its end, and golang-evtx does not look"},

	// Values.
	"hex padding":        {Right: compare.Ours, Why: "Windows prints hexadecimal numbers without leading zeros, as literal XML of forwarded events shows"},
	"time digits":        {Right: compare.Both, Why: "the same instant; it trims zeros of the fraction, Windows prints seven or nine digits"},
	"GUID braces":        {Right: compare.Ours, Why: "Windows prints GUIDs in braces; it omits them for values and keeps them for literals"},
	"ANSI string":        {Right: compare.Ours, Why: "it gives the bytes of an ANSI string with its terminator instead of text"},
	"type unknown to it": {Right: compare.Ours, Why: "size_t (0x10) is a hexadecimal number, it prints a note"},
	"bool above 1":       {Right: compare.Ours, Why: "every bool but 0 is true"},

	// Structure.
	"provider name lost":   {Right: compare.Ours, Why: "it makes a key of the name of a provider without other attributes: ADSync, SceCli and all classic sources"},
	"empty string dropped": {Right: compare.Ours, Why: "it drops empty items of string arrays, so that the positions of the others shift"},
	"data lost: same key":  {Right: compare.Ours, Why: "it puts data into a map: of several with one name the last is left"},
	"depends on null":      {Right: compare.Ours, Why: "it ignores dependency ids, so that elements without a value appear empty"},
	"array of one element": {Right: compare.Both, Why: "a list of one string where we have one element"},
	"EventData name":       {Right: compare.Ours, Why: "it treats an element with a Name and text as Data, so the element's own name is gone"},
	"unnamed among others": {Right: compare.Ours, Why: "it numbers keys by position"},
}
