package sign

import (
	"fmt"
	"net/url"

	"binnacle/door"
	"binnacle/feed/delivery"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

func mountReceivers(s *frame.Site) {
	s.Page("GET /admin/receivers", governed(receivers))
	s.Page("POST /admin/receivers", fresh(createReceiver))
	s.Page("POST /admin/receivers/take", governed(takeEvents))
	s.Page("POST /admin/receivers/{key}/secret", fresh(secretOfReceiver))
}

// receiverRow is a receiver of delivery events in a table.
type receiverRow struct {
	*model.EventReceiver
	// Provider is what people call who sends, and Address where the messages go.
	Provider, Address string
	// State is active, paused or without a secret, and Waiting what waits to be taken.
	State, Waiting string
	// Secrets is how many secrets hold.
	Secrets int
}

// receiverList is the page of receivers.
type receiverList struct {
	Rows      []receiverRow
	Providers []receiverProvider
	// Typed is what was sent with a form that was refused, and Open says that the form is shown.
	Typed url.Values
	Open  bool
	// Secret is a new secret, to be shown once, and Of the receiver that it belongs to.
	Secret string
	Of     receiverRow
}

// receiverProvider is a provider that may be chosen.
type receiverProvider struct{ Value, Label string }

func receivers(v *frame.Visit) error { return showReceivers(v, "", "", nil) }

func showReceivers(v *frame.Visit, key, secret string, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	l := receiverList{Typed: v.R.PostForm, Open: problem != nil && key == "", Secret: secret}
	for _, p := range delivery.Providers() {
		l.Providers = append(l.Providers, receiverProvider{string(p), delivery.Label(p)})
	}
	for _, r := range sorted[*model.EventReceiver](now) {
		row, err := receiverOf(v, r)
		if err != nil {
			return err
		}
		if r.Key == key {
			l.Of = row
		}
		l.Rows = append(l.Rows, row)
	}
	return show(v, "receivers", "Receivers of delivery events", "/admin/receivers", l, problem)
}

// receiverOf tells how a receiver stands.
func receiverOf(v *frame.Visit, r *model.EventReceiver) (receiverRow, error) {
	standing, err := v.House.ReceiverStanding(v.Ctx(), v.Who, r.Ref())
	if err != nil {
		return receiverRow{}, err
	}
	row := receiverRow{EventReceiver: r, Provider: delivery.Label(r.Provider), Address: origin(v) + "/hooks/" + url.PathEscape(r.Key), State: "active", Secrets: standing.Secrets}
	if base := v.House.Access.BaseURL(); base != "" {
		row.Address = base + "/hooks/" + url.PathEscape(r.Key)
	}
	switch {
	case r.Paused:
		row.State = "paused"
	case standing.Secrets == 0:
		row.State = "without"
	}
	if standing.Waiting > 0 {
		row.Waiting = practice.Count(standing.Waiting, "message", "messages") + " since " + when(standing.Since)
	}
	return row, nil
}

func createReceiver(v *frame.Visit) error {
	key := accountKey(v.Form("name"))
	if key == "" {
		return showReceivers(v, "", "", fmt.Errorf("a receiver needs a name of letters or digits: it is part of the address"))
	}
	set := map[string]any{"name": v.Form("name"), "provider": v.Form("provider")}
	if _, err := put(v, "Receive delivery events at "+key, door.Edit{Kind: "EventReceiver", Key: key, Create: true, Set: set}); err != nil {
		return showReceivers(v, "", "", err)
	}
	return showNewSecret(v, key, true)
}

func secretOfReceiver(v *frame.Visit) error {
	return showNewSecret(v, v.R.PathValue("key"), v.Form("only") != "")
}

// showNewSecret makes a secret for a receiver and shows it.
func showNewSecret(v *frame.Visit, key string, only bool) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	_, rec, err := door.Find(now, "EventReceiver", key)
	if err != nil {
		return err
	}
	secret, err := v.House.NewReceiverSecret(v.Ctx(), v.Who, rec.Base().Ref(), only)
	return showReceivers(v, key, secret, err)
}

// takeEvents takes what was received and waits into the estate.
func takeEvents(v *frame.Visit) error {
	taken, err := v.House.TakeEvents(v.Ctx(), v.Who)
	if err != nil {
		return showReceivers(v, "", "", err)
	}
	messages, events := 0, 0
	for _, t := range taken {
		messages, events = messages+t.Messages, events+t.Events
	}
	said := "No message waited."
	if messages > 0 {
		said = fmt.Sprintf("%s taken, with %s.", practice.Count(messages, "message was", "messages were"), practice.Count(events, "event", "events"))
	}
	return v.Done("/admin/receivers", said, door.Receipt{})
}
