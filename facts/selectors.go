package facts

import (
	"strings"

	"github.com/gpevtx/gpevtx/evtx"
	"github.com/gpevtx/gpevtx/gpreport"
)

// Selectors are the events that facts are made of. Their union with those of the rules is
// known before any log is opened.
func Selectors() []evtx.Selector {
	return []evtx.Selector{
		{ // what became of services
			Channels: []string{systemLog}, Providers: []string{scm},
			IDs: []uint16{7000, 7001, 7003, 7009, 7011, 7022, 7023, 7024, 7031, 7034, 7036, 7038, 7040, 7041, 7045},
		},
		{ // starts and stops of the computer, and its time zone
			Channels: []string{systemLog}, Providers: []string{eventLog},
			IDs: []uint16{6005, 6006, 6008, 6013},
		},
		{ // policy was processed, without and with changes, or could not be
			Channels: []string{systemLog}, Providers: []string{groupPolicy},
			IDs: []uint16{1006, 1030, 1053, 1054, 1055, 1058, 1085, 1110, 1112, 1129, 1500, 1502},
		},
		{ // the runs of policy: their begin and end, their lists of GPOs
			Channels: []string{policyLog}, Providers: []string{groupPolicy},
			IDs: []uint16{
				4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 5312, 5313,
				7000, 7001, 7002, 7003, 7004, 7005, 7006, 7007, 8000, 8001, 8002, 8003, 8004, 8005, 8006, 8007,
			},
		},
		{ // how security settings fared in them
			Channels: []string{policyLog}, Providers: []string{groupPolicy}, IDs: []uint16{5016, 6016, 7016},
			Data: []evtx.DataTest{{Name: "CSEExtensionId", Values: []string{gpreport.SecurityExtension, strings.ToLower(gpreport.SecurityExtension)}}},
		},
		{ // security settings were applied: with errors, without
			Channels: []string{appLog}, Providers: []string{sceCli}, IDs: []uint16{1202, 1704},
		},
		{ // the same as audited, and who was given rights or lost them
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4704, 4705, 4717, 4718, 6144, 6145},
		},
		{ // edits of GPOs on domain controllers
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{5136},
			Data: []evtx.DataTest{{Name: "AttributeLDAPDisplayName", Values: []string{"versionNumber", "gPCMachineExtensionNames", "gPLink"}}},
		},
		{ // the clock was set
			Channels: []string{systemLog}, Providers: []string{kernelGeneral}, IDs: []uint16{1},
		},
		{ // the synchronization service came up, went down, worked, failed: what matters is the text
			Channels: []string{appLog}, Providers: []string{adSync, dirSync},
		},
		{ // the local database of the service did not start
			Channels: []string{appLog}, Providers: localDBSources, IDs: []uint16{528},
		},
		{ // products were installed, upgraded, removed: by name, by text, by package
			Channels: []string{appLog}, Providers: []string{msiInstaller},
			IDs: []uint16{1033, 1034, 1035, 1036, 1040, 1042, 11707, 11708, 11724, 11725, 11728, 11729},
		},
		{ // the service was installed, as the Security log has it
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4697},
			Data: []evtx.DataTest{{Name: "ServiceName", Values: append([]string{serviceKey}, serviceNames...)}},
		},
		{ // service logons
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4624, 4625},
			Data: []evtx.DataTest{{Name: "LogonType", Values: []string{serviceLogon}}},
		},
		{ // what was done to accounts
			Channels: []string{securityLog}, Providers: []string{auditing},
			IDs: []uint16{4720, 4722, 4723, 4724, 4725, 4726, 4738, 4740, 4767},
		},
		{ // who was put into groups and taken out
			Channels: []string{securityLog}, Providers: []string{auditing}, IDs: []uint16{4728, 4729, 4732, 4733, 4756, 4757},
		},
	}
}

// localDBSources are the sources of LocalDB of SQL Server 2012, 2014, 2016, 2017, 2019 and
// 2022; Microsoft Entra Connect came with the first and has the fifth since 2.0.
var localDBSources = []string{"SQLLocalDB 11.0", "SQLLocalDB 12.0", "SQLLocalDB 13.0", "SQLLocalDB 14.0", localDB2019, "SQLLocalDB 16.0"}

const localDB2019 = "SQLLocalDB 15.0"
