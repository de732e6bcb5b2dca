package model

import "strings"

// meaningless lists what makers and inventories write where there is no identity.
var meaningless = map[string]bool{
	"": true, "0": true, "NONE": true, "N/A": true, "NA": true, "NULL": true, "UNKNOWN": true, "NOT SPECIFIED": true, "NOT AVAILABLE": true, "DEFAULT STRING": true,
	"TO BE FILLED BY O.E.M.": true, "SYSTEM SERIAL NUMBER": true, "SERIAL": true, "XXXXXXXXXX": true, "123456789": true, "0123456789": true, "1234567890": true,
	"INVALID": true, "CHASSIS SERIAL NUMBER": true, "OEM": true, "EMPTY": true, "-": true, ".": true,
}

// NormalIdent returns the form in which identities of one name are compared, or
// nothing where the value is known to identify nothing, such as a serial number
// of "Default string" or a MAC address of zeros.
func NormalIdent(name, value string) string {
	value = strings.TrimSpace(value)
	switch name {
	case "mac":
		value = strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "").Replace(value))
		if len(value) != 12 || strings.Trim(value, "0") == "" || value == "ffffffffffff" {
			return ""
		}
		return value
	case "fqdn":
		value = strings.ToLower(strings.TrimSuffix(value, "."))
		if value == "localhost" || value == "localhost.localdomain" {
			return ""
		}
		return value
	case "serial", "uuid", "inventory":
		value = strings.ToUpper(value)
		if meaningless[value] || strings.Trim(value, "0-F") == "" {
			return ""
		}
		return value
	case "email":
		return strings.ToLower(value)
	}
	return value
}

// IdentFields returns the fields of the kind that identify a record.
func (k *Kind) IdentFields() []*Field { return k.idents }

// Idents returns the identities that the fields of a record give it, in normal form.
func (f *Field) Idents(rec Record) []string {
	var out []string
	switch v := f.Get(rec).(type) {
	case string:
		if n := NormalIdent(f.Ident, v); n != "" {
			out = append(out, n)
		}
	case []string:
		for _, one := range v {
			if n := NormalIdent(f.Ident, one); n != "" {
				out = append(out, n)
			}
		}
	}
	return out
}
