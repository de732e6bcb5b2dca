package model

// Comment is what somebody has to say about a record.
type Comment struct {
	Meta
	// About is the record that the comment is about.
	About Ref `to:"any" is:"required" back:"comments"`
	// Text is what is said. Markdown is understood.
	Text string `is:"required long"`
	// Author is the account that wrote it.
	Author Ref `to:"Account" back:"comments written"`
}

// BelongsTo returns the record that the comment is about.
func (c *Comment) BelongsTo() Ref { return c.About }

// Attachment is a file that belongs to a record. Its content is kept beside the journal, under its digest.
type Attachment struct {
	Meta
	// About is the record that the file belongs to.
	About Ref `to:"any" is:"required" back:"attachments"`
	// FileName is the name of the file.
	FileName string `is:"required"`
	// MediaType is what the content was found to be, such as application/pdf.
	MediaType string
	// Size is how long the content is.
	Size int `min:"0" unit:"bytes"`
	// Digest is the SHA-256 of the content, in hexadecimal.
	Digest string
}

// BelongsTo returns the record that the file belongs to.
func (a *Attachment) BelongsTo() Ref { return a.About }

// SavedView is a list as somebody likes to see it: conditions, order and columns.
type SavedView struct {
	Meta
	// Kind is the name of the kind that is listed.
	Kind string `is:"required"`
	// Query is the part of the list's address behind the question mark.
	Query string
	// Shared says that others see the view too.
	Shared bool
}

// IsShared reports whether others see the view too.
func (s *SavedView) IsShared() bool { return s.Shared }

// Board is questions on one page.
type Board struct {
	Meta
	// Face is the office that the board serves.
	Face Face
	// Tiles are the answers on the board, in their order.
	Tiles []Tile
	// Shared says that others see the board too.
	Shared bool
}

// IsShared reports whether others see the board too.
func (b *Board) IsShared() bool { return b.Shared }

// Tile is a part of an answer on a board.
type Tile struct {
	// Question is the full name of the question, such as lifecycle.exposure.
	Question string `is:"required"`
	// Parameters are what it is asked with, as in an address: technology=debian&within=365d.
	Parameters string
	// Part is the name of the part of the answer to show. Unset means the first.
	Part string
	// Title is what stands above. Unset means the label of the part.
	Title string
	// Width is how many of the twelve columns of the board the tile takes. Unset means 4.
	Width int `min:"1" max:"12"`
}

// Subscription is a place that is imported from again and again.
type Subscription struct {
	Meta
	// Location is a folder on the server, or an http or https address.
	Location string `is:"required"`
	// Every is the time from one run to the next. The least is a minute. Unset means a day.
	Every Duration
	// Kind is the kind that the rows of a table become.
	Kind string
	// Mapping says which column of a table goes into which field.
	Mapping Ref `to:"Mapping" back:"subscriptions"`
	// SourceKey is the key of the source that the records get. Unset means that of the content.
	SourceKey string
	// Overwrite lets the content replace what people have typed.
	Overwrite bool
	// Complete says that each content tells everything its source knows.
	Complete bool
	// Paused says that nothing is imported for now.
	Paused bool
}

// Webhook is an address that is told of changes. The key that its messages are signed with is not part of the record.
type Webhook struct {
	Meta
	// URL is the address that messages are sent to.
	URL string `name:"url" is:"required" format:"url"`
	// Kinds are the names of the kinds whose changes are told. None means all that the account may read.
	Kinds []string
	// Account is in whose name the changes are read: what it may not see is not told.
	Account Ref `to:"Account" is:"required" back:"webhooks"`
	// Paused says that nothing is sent for now.
	Paused bool
}
