package model

// Credential is something that proves who a person or a program is, or that protects data: a certificate, a key, a password, a token.
// It is described here and never kept here: no field may hold the secret itself.
type Credential struct {
	Meta
	// Type says what sort of credential it is.
	Type CredentialType
	// State says whether it is used.
	State CredentialState
	// UsedBy are the things that use it.
	UsedBy []Ref `to:"Application,Service,Product,Interface,Host,NetworkDevice,CloudAccount,CloudResource,Vendor,Endpoint,UserAccount" back:"credentials"`
	// Store says where it is kept, such as the path in a vault. Never write the secret itself.
	Store string
	// Issued is when it was made or when it begins to hold.
	Issued Time
	// Expires is when it no longer holds. Unset means never.
	Expires Time
	// RotateEvery is how often it is to be replaced by a new one. Unset means when it expires.
	RotateEvery Duration
	// Rotated is when it was last replaced by a new one. Unset means that it was never.
	Rotated Time
	// Algorithm is the algorithm of the key, such as RSA, ECDSA or Ed25519.
	Algorithm string
	// KeySize is the size of the key.
	KeySize int `min:"0" unit:"bits"`
	// Signature is the algorithm with which a certificate was signed, such as SHA256-RSA.
	Signature string
	// Issuer is who issued it.
	Issuer string
	// Serial is the number that the issuer gave it.
	Serial string
	// SubjectNames are the names that a certificate is for, such as www.example.com.
	SubjectNames []string
	// SelfSigned says that nobody but itself vouches for a certificate.
	SelfSigned bool
	// Fingerprint is the SHA-256 of a certificate or of a public key, in hexadecimal.
	Fingerprint string `ident:"fingerprint"`
}

// CredentialType says what sort of credential something is.
type CredentialType string

// Options lists the types of credentials.
func (CredentialType) Options() []Option {
	return []Option{
		{"certificate", "Certificate", "A certificate with its private key, such as for TLS."},
		{"api_key", "API key", "A text by which a program shows who it is."},
		{"password", "Password", "A password of a program or of several people."},
		{"ssh_key", "SSH key", "A pair of keys for SSH."},
		{"signing_key", "Signing key", "A key with which something is signed."},
		{"encryption_key", "Encryption key", "A key with which data is made unreadable to others."},
		{"token", "Token", "A token that was issued for some time."},
	}
}

// CredentialState says whether a credential is used.
type CredentialState string

// Options lists the states.
func (CredentialState) Options() []Option {
	return []Option{
		{"active", "Active", "It is used."},
		{"retired", "Retired", "It is no longer used."},
		{"revoked", "Revoked", "It was declared void before its time."},
	}
}

// InUse reports whether the credential counts: it is neither retired nor revoked.
func (c *Credential) InUse() bool { return c.State == "" || c.State == "active" }

// Endpoint is an address that speaks TLS and that is looked at again and again: which certificate it shows, which versions it speaks, whether it answers.
type Endpoint struct {
	Meta
	// Address is the host and the port, such as www.example.com:443. Without a port, 443 is meant.
	Address string `is:"required" ident:"endpoint"`
	// Type says what is asked there.
	Type EndpointType
	// BelongsTo are the things that are reached there.
	BelongsTo []Ref `to:"Application,Service,Product,Host,NetworkDevice,CloudResource,Vendor" back:"endpoints"`
	// Names are the names that its certificate must be for. Unset means the host of the address.
	Names []string
	// Every is how often it is looked at. Unset means daily.
	Every Duration
	// Paused says that it is not looked at.
	Paused bool
	// Probed is when it was looked at last.
	Probed Time
	// Error says why it could not be looked at the last time. Unset means that it could.
	Error string
	// TLSVersion is the version that was agreed on, such as TLS 1.3.
	TLSVersion string
	// Cipher is the cipher suite that was agreed on.
	Cipher string
	// OldestTLS is the oldest version that it still agrees to, such as TLS 1.0.
	OldestTLS string
	// Certificate is the certificate that it showed.
	Certificate Ref `to:"Credential" back:"shown at"`
	// ChainProblems say what is wrong with the certificates that it showed.
	ChainProblems []string
	// HTTPStatus is the status that it answered with, where it speaks HTTP.
	HTTPStatus int `min:"0" max:"999"`
	// HSTS is for how long browsers are told to use TLS alone, where it speaks HTTP (Strict-Transport-Security). Unset means that they are not.
	HSTS Duration
}

// EndpointType says what is asked at an endpoint.
type EndpointType string

// Options lists the types of endpoints.
func (EndpointType) Options() []Option {
	return []Option{
		{"https", "HTTPS", "A page is asked for after the handshake of TLS."},
		{"tls", "TLS", "Only the handshake of TLS is made."},
	}
}
