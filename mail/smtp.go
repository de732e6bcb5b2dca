package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP says which server carries letters.
type SMTP struct {
	// Server is its address: smtps://user@host:465, or smtp://user@host:587, which is encrypted before anything is said.
	Server string
	// Password goes with the user.
	Password string
	// From is the address that letters come from.
	From string
	// Dial connects. It is the one dialer of the program.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are the authorities whose certificates are believed. Unset means those of the machine.
	Roots *x509.CertPool
}

// Open returns what hands letters to the server. Letters never go unencrypted.
func (o SMTP) Open() (Post, error) {
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, fmt.Errorf("the mail server %q is no address: write it as smtps://user@host:465 or smtp://user@host:587", o.Server)
	}
	if _, ok := u.User.Password(); ok {
		return nil, fmt.Errorf("the address of the mail server holds a password: give it by itself")
	}
	port := map[string]int{"smtps": 465, "smtp": 587}[u.Scheme]
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("the mail server %q has no usable port", o.Server)
		}
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(30 * time.Second), gomail.WithTLSPolicy(gomail.TLSMandatory),
		gomail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: o.Roots}),
	}
	dial := o.Dial
	if u.Scheme == "smtps" {
		options = append(options, gomail.WithSSL())
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := o.Dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return tls.Client(conn, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: o.Roots}), nil
		}
	}
	options = append(options, gomail.WithDialContextFunc(dial))
	if name := u.User.Username(); name != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(name), gomail.WithPassword(o.Password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q: %w", o.Server, err)
	}
	if err := gomail.NewMsg().From(o.From); err != nil {
		return nil, fmt.Errorf("letters cannot come from %q: %w", o.From, err)
	}
	return func(ctx context.Context, l Letter) error {
		m := gomail.NewMsg()
		if err := m.From(o.From); err != nil {
			return err
		}
		if err := m.AddToFormat(l.Name, l.To); err != nil {
			return fmt.Errorf("the address %q: %w", l.To, err)
		}
		m.Subject(l.Subject)
		m.SetGenHeader("Auto-Submitted", "auto-generated")
		m.SetDate()
		m.SetMessageID()
		m.SetBodyString(gomail.TypeTextPlain, l.Text)
		if err := client.DialAndSendWithContext(ctx, m); err != nil {
			return fmt.Errorf("the mail server did not take the letter: %w", err)
		}
		return nil
	}, nil
}
