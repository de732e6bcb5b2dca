package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CredentialsIn says which credentials are wanted.
type CredentialsIn struct {
	// Within is how many days ahead an end or a rotation counts as near. The default is 60.
	Within int `min:"0" max:"3650"`
	// Type limits the answer to one sort of credential.
	Type model.CredentialType
	// For limits the answer to what a record uses, and to the endpoints that belong to it.
	For model.Ref `to:"any"`
}

// CredentialsOut says which keys, secrets and certificates there are and what is wrong with them.
type CredentialsOut struct {
	// Credentials is how many are in use.
	Credentials practice.Figure
	// Expired is how many of them no longer hold.
	Expired practice.Figure
	// Expiring is how many end soon.
	Expiring practice.Figure
	// RotationDue is how many are to be replaced by new ones.
	RotationDue practice.Figure
	// Weak is how many have an algorithm or a key that is too weak.
	Weak practice.Figure
	// Ownerless is how many nobody answers for who still works here.
	Ownerless practice.Figure
	// Findings say what needs somebody.
	Findings []practice.Finding
	// Inventory are the credentials in use, the one that ends first before the others.
	Inventory practice.Table[CredentialRow]
	// Endpoints are the addresses that speak TLS, with what was seen there last.
	Endpoints practice.Table[EndpointRow]
}

// CredentialRow is one credential.
type CredentialRow struct {
	// Credential is the credential.
	Credential practice.Link
	// Type says what sort of credential it is.
	Type model.CredentialType
	// UsedBy are the things that use it, with those that are reached where it is shown.
	UsedBy []practice.Link
	// Serves are the critical things of the business that need one of them.
	Serves []practice.Link
	// Expires is when it no longer holds.
	Expires model.Time
	// DaysLeft is how many whole days are left, below zero where it is over. Unset where it has no end.
	DaysLeft string
	// RotateBy is the day by which it is to be replaced.
	RotateBy model.Date
	// Key is the algorithm of its key with the size.
	Key string
	// Weak says what is too weak about it.
	Weak string
	// Issuer is who issued it.
	Issuer string
	// Store says where it is kept.
	Store string
	// Owner is who answers for it.
	Owner practice.Link
}

// EndpointRow is one address that speaks TLS.
type EndpointRow struct {
	// Endpoint is the address.
	Endpoint practice.Link
	// BelongsTo are the things that are reached there.
	BelongsTo []practice.Link
	// Probed is when it was looked at last.
	Probed model.Time
	// TLS is the version that was agreed on.
	TLS string
	// Oldest is the oldest version that it still agrees to.
	Oldest string
	// Cipher is the cipher suite that was agreed on.
	Cipher string
	// Certificate is the certificate that it showed.
	Certificate practice.Link
	// Expires is when that certificate no longer holds.
	Expires model.Time
	// Problems say what is wrong there.
	Problems []string
	// Status is the status that it answered with.
	Status string
	// HSTS is for how long browsers are told to use TLS alone.
	HSTS model.Duration
}

// weaknessOf says what is too weak about a credential, or nothing: keys below 112 bits of security (NIST SP 800-131A: RSA below 2048 bits,
// elliptic curves below 224), DSA (FIPS 186-5 no longer signs with it), signatures over MD5 or SHA-1, and ciphers that are broken.
func weaknessOf(c *model.Credential) string {
	algorithm := strings.ToUpper(strings.NewReplacer(" ", "", "_", "-").Replace(c.Algorithm))
	var out []string
	switch {
	case strings.Contains(algorithm, "ECDSA") || strings.HasPrefix(algorithm, "EC") || strings.HasPrefix(algorithm, "ECDH"):
		if c.KeySize > 0 && c.KeySize < 224 {
			out = append(out, fmt.Sprintf("the curve has %d bits; 224 are needed at least", c.KeySize))
		}
	case strings.HasPrefix(algorithm, "RSA") || algorithm == "SSH-RSA" || strings.HasPrefix(algorithm, "DH"):
		if c.KeySize > 0 && c.KeySize < 2048 {
			out = append(out, fmt.Sprintf("the key has %d bits; 2048 are needed at least", c.KeySize))
		}
	case strings.HasPrefix(algorithm, "DSA") || algorithm == "SSH-DSS":
		out = append(out, "DSA is no longer to be used")
	case slices.Contains([]string{"DES", "3DES", "TDEA", "DESEDE", "RC4", "RC2", "BLOWFISH"}, algorithm):
		out = append(out, c.Algorithm+" is no longer to be used")
	}
	// The signature of a root that vouches for itself is believed for other reasons, but a leaf that does is not: no exception is made.
	switch signature := strings.ToUpper(strings.ReplaceAll(c.Signature, "-", "")); {
	case strings.Contains(signature, "MD5"), strings.Contains(signature, "MD2"):
		out = append(out, "it is signed over MD5")
	case strings.Contains(signature, "SHA1") && !strings.Contains(signature, "SHA1024"):
		out = append(out, "it is signed over SHA-1")
	}
	return strings.Join(out, "; ")
}

// rotateBy returns the day by which a credential is to be replaced, or nothing where no time was set for it.
func rotateBy(c *model.Credential) model.Date {
	if c.RotateEvery == 0 {
		return 0
	}
	start := max(c.Rotated, c.Issued)
	if start.IsZero() {
		start = c.Created.At
	}
	if start.IsZero() {
		return 0
	}
	return (start + model.Time(time.Duration(c.RotateEvery).Milliseconds())).Date()
}

// usersOf returns the things that use a credential: those that it names and those that are reached where it is shown.
func usersOf(v estate.View, c *model.Credential) []model.Ref {
	out := slices.DeleteFunc(slices.Clone(c.UsedBy), func(ref model.Ref) bool { return v.Get(ref) == nil })
	for e := range v.In(c.Ref()) {
		if ep, ok := e.Record.(*model.Endpoint); ok && e.Field.Name == "certificate" {
			for _, ref := range ep.BelongsTo {
				if v.Get(ref) != nil && !slices.Contains(out, ref) {
					out = append(out, ref)
				}
			}
		}
	}
	return out
}

// servesCritical returns the capabilities, processes, products and applications of high criticality that fail with some things.
func servesCritical(v estate.View, refs []model.Ref) []practice.Link {
	if len(refs) == 0 {
		return nil
	}
	var out []practice.Link
	for _, s := range v.Fail(refs...).Steps {
		if model.Rank(practice.CriticalityOf(s.Record)) >= model.Rank(model.CriticalityHigh) && !practice.Gone(s.Record, v.At()) {
			out = append(out, practice.To(s.Record))
		}
	}
	return out
}

// Credentials lists the keys, secrets and certificates that are in use, when each ends or is to be replaced, what is too weak, and what no
// one answers for, with the endpoints at which certificates were seen. It knows where secrets are kept and never what they are.
func Credentials(v estate.View, in CredentialsIn) (CredentialsOut, error) {
	var out CredentialsOut
	soon := v.At().AddDays(cmp.Or(in.Within, 60))
	now := practice.NowOf(v)
	var all, expired, expiring, rotation, weak, ownerless []practice.Link
	for c := range estate.Each[*model.Credential](v) {
		if !c.InUse() || in.Type != "" && c.Type != in.Type {
			continue
		}
		users := usersOf(v, c)
		if !in.For.IsZero() && !slices.Contains(users, in.For) {
			continue
		}
		row := CredentialRow{Credential: practice.To(c), Type: c.Type, UsedBy: linksTo(v, users), Expires: c.Expires, RotateBy: rotateBy(c), Weak: weaknessOf(c), Issuer: c.Issuer, Store: c.Store, Owner: practice.OwnerOf(v, c)}
		if row.Key = c.Algorithm; c.KeySize > 0 {
			row.Key = strings.TrimSpace(fmt.Sprintf("%s %d", c.Algorithm, c.KeySize))
		}
		if !c.Expires.IsZero() {
			row.DaysLeft = fmt.Sprint(wholeDays(now, c.Expires))
		}
		all = append(all, row.Credential)
		switch {
		case c.Expires.IsZero():
		case c.Expires <= now:
			expired = append(expired, row.Credential)
		case c.Expires.Date() <= soon:
			expiring = append(expiring, row.Credential)
		}
		if !row.RotateBy.IsZero() && row.RotateBy <= soon {
			rotation = append(rotation, row.Credential)
		}
		if row.Weak != "" {
			weak = append(weak, row.Credential)
		}
		left := practice.HasLeft(v.Get(c.Owner), v.At())
		if row.Owner.IsZero() || left {
			ownerless = append(ownerless, row.Credential)
		}
		if row.needsWork(now, soon) {
			row.Serves = servesCritical(v, users)
		}
		out.Findings = append(out.Findings, row.findings(now, soon)...)
		if left {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: row.Credential.Title() + " belongs to somebody who has left.", About: row.Credential, From: []practice.Link{row.Credential}, Owner: row.Owner})
		}
		out.Inventory.Rows = append(out.Inventory.Rows, row)
	}
	out.endpoints(v, in.For)
	slices.SortStableFunc(out.Inventory.Rows, func(a, b CredentialRow) int {
		return cmp.Or(boolOrder(!a.Expires.IsZero(), !b.Expires.IsZero()), cmp.Compare(a.Expires, b.Expires), cmp.Compare(a.Credential.Key, b.Credential.Key))
	})
	heaviestFirst(out.Findings)
	figure := func(better practice.Better, from []practice.Link) practice.Figure {
		return practice.Counted("credentials", better, from)
	}
	out.Credentials, out.Expired, out.Expiring = figure(practice.Neither, all), figure(practice.Lower, expired), figure(practice.Lower, expiring)
	out.RotationDue, out.Weak, out.Ownerless = figure(practice.Lower, rotation), figure(practice.Lower, weak), figure(practice.Lower, ownerless)
	return out, nil
}

// wholeDays returns how many whole days lie between two moments, below zero where the second is before.
func wholeDays(now, then model.Time) int {
	d := time.Duration(between(now, then))
	days := int(d / (24 * time.Hour))
	if d < 0 && d%(24*time.Hour) != 0 {
		days--
	}
	return days
}

// needsWork reports whether a credential is over, ends soon or is to be replaced.
func (row *CredentialRow) needsWork(now model.Time, soon model.Date) bool {
	return !row.Expires.IsZero() && (row.Expires <= now || row.Expires.Date() <= soon) || !row.RotateBy.IsZero() && row.RotateBy <= soon
}

// findings say what is wrong with a credential.
func (row *CredentialRow) findings(now model.Time, soon model.Date) []practice.Finding {
	var out []practice.Finding
	name := row.Credential.Title()
	add := func(s practice.Severity, mend bool, text string, args ...any) {
		f := practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: row.Credential, From: []practice.Link{row.Credential}, Owner: row.Owner}
		if mend {
			f.Mend = &practice.Mend{Action: "security.rotate", Parameters: map[string]string{"credential": row.Credential.Key}}
		}
		out = append(out, f)
	}
	stops := ""
	if len(row.Serves) > 0 {
		stops = " " + practice.Some(row.Serves) + " would fail with what uses it."
	}
	grave := practice.Medium
	if len(row.Serves) > 0 {
		grave = practice.High
	}
	switch {
	case row.Expires.IsZero():
	case row.Expires <= now:
		add(practice.Critical, true, "%s no longer holds since %s.%s", name, row.Expires, stops)
	case row.Expires.Date() <= soon:
		if wholeDays(now, row.Expires) <= 14 {
			grave = practice.High
		}
		add(grave, true, "%s ends on %s, in %s days.%s", name, row.Expires.Date(), row.DaysLeft, stops)
	}
	switch {
	case row.RotateBy.IsZero() || row.RotateBy > soon:
	case row.RotateBy < now.Date():
		add(practice.Medium, true, "%s was to be replaced by a new one by %s.", name, row.RotateBy)
	default:
		add(practice.Low, true, "%s is to be replaced by a new one by %s.", name, row.RotateBy)
	}
	if row.Weak != "" {
		add(practice.High, true, "%s is weak: %s.", name, row.Weak)
	}
	if row.Owner.IsZero() {
		add(practice.Low, false, "Nobody answers for %s.", name)
	}
	return out
}

// endpoints fills in the addresses that speak TLS.
func (out *CredentialsOut) endpoints(v estate.View, of model.Ref) {
	for e := range estate.Each[*model.Endpoint](v) {
		if !of.IsZero() && !slices.Contains(e.BelongsTo, of) {
			continue
		}
		row := EndpointRow{Endpoint: practice.To(e), BelongsTo: linksTo(v, e.BelongsTo), Probed: e.Probed, TLS: e.TLSVersion, Oldest: e.OldestTLS, Cipher: e.Cipher, Problems: endpointProblems(e), HSTS: e.HSTS}
		if e.HTTPStatus > 0 {
			row.Status = fmt.Sprint(e.HTTPStatus)
		}
		if c, ok := estate.Look[*model.Credential](v, e.Certificate); ok {
			row.Certificate, row.Expires = practice.To(c), c.Expires
		}
		out.Findings = append(out.Findings, endpointFindings(v, e)...)
		out.Endpoints.Rows = append(out.Endpoints.Rows, row)
	}
	slices.SortStableFunc(out.Endpoints.Rows, func(a, b EndpointRow) int {
		return cmp.Or(cmp.Compare(len(b.Problems), len(a.Problems)), cmp.Compare(a.Endpoint.Key, b.Endpoint.Key))
	})
}

// weakCiphers are parts of the names of cipher suites that are not to be used (RFC 7465, RFC 8429, RFC 9325).
var weakCiphers = []string{"RC4", "3DES", "_DES_", "NULL", "EXPORT", "MD5", "_anon_"}

// weakTLS says what is too weak about the TLS of an endpoint: versions before 1.2 (RFC 8996) and broken cipher suites.
func weakTLS(e *model.Endpoint) []string {
	var out []string
	for _, old := range []string{"SSL 3.0", "SSLv3", "TLS 1.0", "TLS 1.1"} {
		if strings.EqualFold(e.TLSVersion, old) {
			out = append(out, "it speaks "+old+" alone")
		} else if strings.EqualFold(e.OldestTLS, old) {
			out = append(out, "it still agrees to "+old)
		}
	}
	for _, part := range weakCiphers {
		if strings.Contains(e.Cipher, part) {
			out = append(out, "the cipher suite "+e.Cipher+" is not to be used")
			break
		}
	}
	return out
}

// endpointProblems lists everything that is wrong with an endpoint.
func endpointProblems(e *model.Endpoint) []string {
	var out []string
	if e.Error != "" {
		out = append(out, e.Error)
	}
	return append(append(out, e.ChainProblems...), weakTLS(e)...)
}

// endpointFindings say what is wrong with an endpoint.
func endpointFindings(v estate.View, e *model.Endpoint) []practice.Finding {
	link := practice.To(e)
	owner := practice.OwnerOf(v, e)
	for _, ref := range e.BelongsTo {
		if rec := v.Get(ref); owner.IsZero() && rec != nil {
			owner = practice.OwnerOf(v, rec)
		}
	}
	var out []practice.Finding
	add := func(s practice.Severity, text string) {
		out = append(out, practice.Finding{Severity: s, Text: text, About: link, From: []practice.Link{link}, Owner: owner})
	}
	if e.Error != "" {
		add(practice.Medium, fmt.Sprintf("%s could not be looked at: %s.", e.Title(), strings.TrimSuffix(e.Error, ".")))
	}
	for _, p := range e.ChainProblems {
		add(practice.High, fmt.Sprintf("At %s, %s.", e.Title(), strings.TrimSuffix(p, ".")))
	}
	for _, p := range weakTLS(e) {
		add(practice.High, fmt.Sprintf("The TLS of %s is weak: %s.", e.Title(), p))
	}
	if e.Probed != 0 && e.Error == "" && e.HTTPStatus > 0 && e.HSTS == 0 {
		add(practice.Low, fmt.Sprintf("%s does not tell browsers to use TLS alone (Strict-Transport-Security).", e.Title()))
	}
	return out
}

// TLSCertificatesValidIn says how early the check warns.
type TLSCertificatesValidIn struct {
	// Days is how many days before its end a certificate fails the check. The default is 30.
	Days int `min:"0" max:"3650"`
}

// TLSCertificatesValid checks that no certificate in use is over or ends within some days, and that every endpoint shows a chain that holds.
func TLSCertificatesValid(v estate.View, in TLSCertificatesValidIn) (practice.Verdict, error) {
	var out practice.Verdict
	soon := v.At().AddDays(cmp.Or(in.Days, 30))
	now := practice.NowOf(v)
	for c := range estate.Each[*model.Credential](v) {
		if c.Type != "certificate" || !c.InUse() {
			continue
		}
		link := practice.To(c)
		out.Checked = append(out.Checked, link)
		f := practice.Finding{About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, c), Mend: &practice.Mend{Action: "security.rotate", Parameters: map[string]string{"credential": c.Key}}}
		switch {
		case c.Expires.IsZero():
			f.Severity, f.Mend, f.Text = practice.Low, nil, fmt.Sprintf("Nobody says when %s ends.", c.Title())
		case c.Expires <= now:
			f.Severity, f.Text = practice.Critical, fmt.Sprintf("%s no longer holds since %s.", c.Title(), c.Expires)
		case c.Expires.Date() <= soon:
			f.Severity, f.Text = practice.High, fmt.Sprintf("%s ends on %s.", c.Title(), c.Expires.Date())
		default:
			continue
		}
		out.Findings = append(out.Findings, f)
	}
	for e := range estate.Each[*model.Endpoint](v) {
		if e.Paused || e.Probed.IsZero() {
			continue
		}
		link := practice.To(e)
		out.Checked = append(out.Checked, link)
		for _, p := range e.ChainProblems {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, e), Text: fmt.Sprintf("At %s, %s.", e.Title(), strings.TrimSuffix(p, "."))})
		}
	}
	heaviestFirst(out.Findings)
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No certificate is known, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%s wrong with certificates.", practice.Count(len(out.Findings), "thing is", "things are"))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("No certificate ends within %d days, and every chain holds.", cmp.Or(in.Days, 30))
	}
	return out, nil
}

// NoWeakTLS checks that no endpoint speaks a version of TLS or a cipher suite that is not to be used, and that no certificate in use is weak.
func NoWeakTLS(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	unseen := 0
	add := func(rec model.Record, text string) {
		link := practice.To(rec)
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, rec), Text: fmt.Sprintf("%s: %s.", rec.Base().Title(), text)})
	}
	for e := range estate.Each[*model.Endpoint](v) {
		if e.Paused {
			continue
		}
		if e.TLSVersion == "" {
			unseen++
			continue
		}
		out.Checked = append(out.Checked, practice.To(e))
		for _, p := range weakTLS(e) {
			add(e, p)
		}
		if c, ok := estate.Look[*model.Credential](v, e.Certificate); ok {
			if weak := weaknessOf(c); weak != "" {
				add(e, "its certificate is weak: "+weak)
			}
		}
	}
	switch n := practice.Count(len(out.Checked), "endpoint", "endpoints"); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No endpoint was looked at, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("Of %s, something is weak at some: %s found.", n, practice.Count(len(out.Findings), "weakness", "weaknesses"))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Nothing is weak at %s.", n)
	}
	if unseen > 0 {
		out.Text += fmt.Sprintf(" %d could not be looked at.", unseen)
	}
	return out, nil
}

// RotateIn says which credential was replaced by a new one.
type RotateIn struct {
	// Credential is the credential.
	Credential model.Ref `to:"Credential" is:"required"`
	// At is when it was replaced. Unset means now.
	At model.Time
	// Expires is when the new one no longer holds. Unset leaves it open, unless the old one ends after the replacement.
	Expires model.Time
	// Fingerprint is the SHA-256 of the new certificate or public key, in hexadecimal.
	Fingerprint string
	// Serial is the number of the new one.
	Serial string
	// Algorithm is the algorithm of the new key. Unset means as before.
	Algorithm string
	// KeySize is the size of the new key, in bits. Unset means as before where the algorithm is the same.
	KeySize int `min:"0"`
	// Store says where the new one is kept. Unset means as before.
	Store string
}

// Rotate proposes to note that a credential was replaced by a new one. The secret itself is neither needed nor kept.
func Rotate(v estate.View, in RotateIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Credential](v, in.Credential)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "credential", Text: "there is no such credential"}
	}
	now := practice.NowOf(v)
	at := cmp.Or(in.At, now)
	switch {
	case !before.InUse():
		return practice.Proposal{}, model.Problem{Field: "credential", Text: fmt.Sprintf("%s is %s", before.Title(), before.State)}
	case at > now:
		return practice.Proposal{}, model.Problem{Field: "at", Text: fmt.Sprintf("%s lies ahead", at)}
	case at < before.Rotated:
		return practice.Proposal{}, model.Problem{Field: "at", Text: fmt.Sprintf("it was replaced at %s, after that", before.Rotated)}
	case !in.Expires.IsZero() && in.Expires <= at:
		return practice.Proposal{}, model.Problem{Field: "expires", Text: "the new one would be over already"}
	case in.Fingerprint != "" && in.Fingerprint == before.Fingerprint:
		return practice.Proposal{}, model.Problem{Field: "fingerprint", Text: "this is the fingerprint of the old one: nothing was replaced"}
	}
	after := model.Clone(before)
	after.Rotated, after.Issued = at, at
	after.Expires = in.Expires
	if in.Expires.IsZero() && before.Type != "certificate" && before.Expires > at {
		after.Expires = before.Expires
	}
	after.Fingerprint, after.Serial = in.Fingerprint, in.Serial
	after.Algorithm, after.Store = cmp.Or(in.Algorithm, before.Algorithm), cmp.Or(in.Store, before.Store)
	if after.KeySize = in.KeySize; in.KeySize == 0 && strings.EqualFold(after.Algorithm, before.Algorithm) {
		after.KeySize = before.KeySize
	}
	if in.Algorithm != "" || in.Fingerprint != "" {
		after.Signature = ""
	}
	out := changeOf(v, before, after, fmt.Sprintf("Note that %s was replaced by a new one", before.Title()))
	add := func(s practice.Severity, text string) {
		out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: text, About: practice.To(before)})
	}
	if next := rotateBy(after); !next.IsZero() {
		add(practice.Info, fmt.Sprintf("It is to be replaced again by %s.", next))
	}
	if after.Expires.IsZero() && before.Type == "certificate" {
		add(practice.Medium, "Nobody says when the new certificate ends.")
	}
	if weak := weaknessOf(after); weak != "" {
		add(practice.High, "The new one is weak: "+weak+".")
	}
	return out, nil
}
