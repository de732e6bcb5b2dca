package ledger

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// role is what a column of a ledger is for. Its text is the name by which a mapping asks for it.
type role string

// The roles of columns.
const (
	roleDate        role = "Date"
	rolePeriod      role = "Period"
	roleAmount      role = "Amount"
	roleDebit       role = "Debit"
	roleCredit      role = "Credit"
	roleSide        role = "Side"
	roleCurrency    role = "Currency"
	roleAccount     role = "Account"
	roleAccountName role = "AccountName"
	roleCostCentre  role = "CostCentre"
	roleVendor      role = "Vendor"
	roleVendorNo    role = "VendorNumber"
	roleText        role = "Text"
	roleInvoice     role = "Invoice"
	roleDocument    role = "DocumentType"
	roleQuantity    role = "Quantity"
	roleUnit        role = "Unit"
	roleContract    role = "Contract"
	roleOrder       role = "PurchaseOrder"
	roleProject     role = "Project"
	roleCompany     role = "Company"
)

// known are the roles in the order in which they are looked for: a header has the first one whose words it is.
var known = []struct {
	role role
	// column is the column of the lines that the values go into. It is empty where they go elsewhere.
	column string
	// words are headers, squeezed.
	words string
}{
	{roleDate, "", "date postingdate bookingdate bookeddate entrydate transactiondate accountingdate gldate invoicedate documentdate voucherdate valuedate posteddate datum buchungsdatum buchungstag belegdatum rechnungsdatum erfassungsdatum wertstellung buchdatum budat"},
	{rolePeriod, "", "period postingperiod accountingperiod fiscalperiod month postingmonth periode buchungsperiode monat buchungsmonat"},
	{roleAmount, "", "amount netamount amountnet net value cost totalamount linetotal amountinlocalcurrency localamount amountlc amountinlc betrag nettobetrag betragnetto netto wert kosten umsatz buchungsbetrag betraginhauswährung betraginhw betraghw hauswährungsbetrag rechnungsbetrag invoiceamount total dmbtr"},
	{roleDebit, "", "debit debitamount dr amountdebit soll sollbetrag betragsoll umsatzsoll"},
	{roleCredit, "", "credit creditamount cr amountcredit haben habenbetrag betraghaben umsatzhaben"},
	{roleSide, "", "debitcredit debitcreditindicator dcindicator drcr dc side sollhaben sollhabenkennzeichen shkennzeichen sh sollhabenkz shkzg"},
	{roleCurrency, "BillingCurrency", "currency currencycode curr transactioncurrency localcurrency documentcurrency währung waehrung währungsschlüssel hauswährung waers wkz wkzumsatz"},
	{roleAccountName, "x_LedgerAccountName", "accountname accountdescription glaccountname kontobezeichnung kontoname sachkontobezeichnung kontobeschreibung"},
	{roleAccount, "x_LedgerAccount", "account accountnumber accountno accountcode glaccount glaccountnumber ledgeraccount generalledgeraccount nominalaccount costelement konto kontonummer kontonr sachkonto hauptbuchkonto kostenart aufwandskonto hkont"},
	{roleCostCentre, "x_CostCentre", "costcentre costcentrecode costcentrenumber costcentreid costcentreno department departmentcode kostenstelle kostenstellennummer kst kostenstelle1 kost1 kostl abteilung"},
	{roleVendorNo, "x_VendorNumber", "vendornumber vendorno vendorid vendorcode suppliernumber supplierno supplierid suppliercode creditornumber creditorno creditorid kreditorennummer kreditornummer kreditorennr kreditornr lieferantennummer lieferantennr lieferantnr lifnr"},
	{roleVendor, "x_Vendor", "vendor vendorname supplier suppliername creditor creditorname payee lieferant lieferantenname kreditor kreditorname kreditorenname zahlungsempfänger rechnungssteller"},
	{roleText, "x_Text", "text description linetext itemtext linedescription narration memo details comment postingtext buchungstext beschreibung positionstext verwendungszweck bezeichnung bemerkung sgtxt"},
	{roleInvoice, "InvoiceId", "invoice invoicenumber invoiceno invoiceid document documentnumber documentno documentid voucher vouchernumber voucherno journalentry journalnumber journalid entrynumber reference beleg belegnummer belegnr rechnung rechnungsnummer rechnungsnr rechnungnr belegfeld1 belegfeld belnr xblnr referenz"},
	{roleDocument, "x_DocumentType", "documenttype doctype vouchertype invoicetype belegart belegtyp blart"},
	{roleQuantity, "", "quantity qty units menge anzahl stück"},
	{roleUnit, "PricingUnit", "unit unitofmeasure uom einheit mengeneinheit meins"},
	{roleContract, "x_Contract", "contract contractnumber contractno contractid vertrag vertragsnummer vertragsnr"},
	{roleOrder, "x_PurchaseOrder", "purchaseorder purchaseordernumber purchaseorderno ponumber pono po ordernumber bestellung bestellnummer bestellnr einkaufsbeleg ebeln"},
	{roleProject, "x_Project", "project projectcode projectnumber projectid wbselement wbs internalorder projekt projektnummer projektnr pspelement auftrag innenauftrag kostenträger kost2"},
	{roleCompany, "x_Company", "company companycode companyname legalentity entity ledger ledgername organisation buchungskreis gesellschaft firma mandant bukrs"},
}

// others are further columns of cost that a mapping may name.
var others = []string{
	"BillingAccountId", "BillingAccountName", "SubAccountId", "SubAccountName", "ServiceName", "ServiceCategory", "ServiceSubcategory", "RegionId", "RegionName",
	"ResourceId", "ResourceName", "ResourceType", "ChargeDescription", "PublisherName", "InvoiceIssuerName", "SkuId", "ConsumedUnit",
}

// aliases are the names of FOCUS that a mapping may use for a role.
var aliases = map[string]role{
	"chargeperiodstart": roleDate, "billedcost": roleAmount, "billingcurrency": roleCurrency, "xledgeraccount": roleAccount, "xledgeraccountname": roleAccountName,
	"xcostcentre": roleCostCentre, "xvendor": roleVendor, "providername": roleVendor, "xvendornumber": roleVendorNo, "xtext": roleText, "invoiceid": roleInvoice,
	"xdocumenttype": roleDocument, "pricingquantity": roleQuantity, "pricingunit": roleUnit, "xcontract": roleContract, "xpurchaseorder": roleOrder, "xproject": roleProject, "xcompany": roleCompany,
}

// plan says what becomes of the columns of a table.
type plan struct {
	headers []string
	// roles is the role of each column, or nothing.
	roles []role
	// names is the column of the lines that each column goes into under another name than that of its role. It is empty for those with a role and those that are left out.
	names []string
	// currency is the currency that the header of an amount names.
	currency string
	numbers  kit.NumberStyle
	days     kit.DayStyle
	// known is how many headers mean something, and mapped how many headers of the mapping there are.
	known, mapped int
}

// newPlan finds out what headers mean. A mapping wins over what the headers say.
func newPlan(headers []string, mapping *model.Mapping) (*plan, error) {
	p := &plan{headers: headers, roles: make([]role, len(headers)), names: make([]string, len(headers))}
	fixed := make([]bool, len(headers))
	if mapping != nil {
		for _, c := range mapping.Columns {
			i := slices.IndexFunc(headers, func(h string) bool { return squeeze(h) == squeeze(c.Header) })
			if i < 0 {
				continue
			}
			p.mapped++
			p.known++
			fixed[i] = true
			if err := p.mapTo(i, c.Field); err != nil {
				return nil, err
			}
		}
	}
	whole, base := make([]string, len(headers)), make([]string, len(headers))
	for i, h := range headers {
		without, _ := splitCurrency(h)
		whole[i], base[i] = squeeze(h), squeeze(without)
	}
	for _, k := range known {
		words := strings.Fields(k.words)
		best, rank := -1, len(words)
		for i := range headers {
			if fixed[i] || p.roles[i] != "" {
				continue
			}
			at := slices.Index(words, whole[i])
			if at < 0 && (k.role == roleAmount || k.role == roleDebit || k.role == roleCredit) {
				at = slices.Index(words, base[i])
			}
			if at >= 0 && at < rank {
				best, rank = i, at
			}
		}
		if best >= 0 && p.at(k.role) < 0 {
			p.take(best, k.role)
		}
	}
	if at := p.at(rolePeriod); at >= 0 && p.at(roleDate) >= 0 {
		p.roles[at] = ""
	}
	taken := map[string]bool{"ProviderName": true, "ChargeCategory": true, "BillingCurrency": true, "ChargeDescription": true, "ChargeFrequency": true}
	for _, k := range known {
		taken[k.column] = true
	}
	for i, h := range headers {
		if p.roles[i] == "" && !fixed[i] && h != "" && !taken[h] {
			p.names[i] = h
			taken[h] = true
		}
	}
	return p, nil
}

// take gives a column a role.
func (p *plan) take(i int, r role) {
	p.roles[i] = r
	p.known++
	if _, code := splitCurrency(p.headers[i]); code != "" && p.currency == "" && (r == roleAmount || r == roleDebit) {
		p.currency = code
	}
}

// mapTo gives a column the field that a mapping names. Behind its name may stand how its numbers or days are written.
func (p *plan) mapTo(i int, field string) error {
	field, days, numbers := kit.SplitStyle(field)
	p.days, p.numbers = max(p.days, days), max(p.numbers, numbers)
	if field == "" {
		return nil
	}
	r := aliases[squeeze(field)]
	for _, k := range known {
		if squeeze(string(k.role)) == squeeze(field) {
			r = k.role
		}
	}
	switch {
	case r != "" && p.at(r) >= 0:
		return fmt.Errorf("the mapping has two columns for %s: %s and %s", r, p.headers[p.at(r)], p.headers[i])
	case r != "":
		p.take(i, r)
		return nil
	case slices.Contains(p.names, field):
		return fmt.Errorf("the mapping has two columns for %s", field)
	case slices.Contains(others, field), strings.HasPrefix(field, "x_") && len(field) > 2:
		p.names[i] = field
		return nil
	}
	names := slices.Clone(others)
	for _, k := range known {
		names = append(names, string(k.role))
	}
	return fmt.Errorf("the mapping sends the column %s to %q, which lines of cost do not have%s", p.headers[i], kit.Short(field), kit.Nearest(field, names))
}

// at returns the column that has a role, or -1.
func (p *plan) at(r role) int { return slices.Index(p.roles, r) }

// check says whether the columns that a mapping names are there.
func (p *plan) check(mapping *model.Mapping) error {
	if mapping != nil && len(mapping.Columns) > 0 && p.mapped == 0 {
		return fmt.Errorf("none of the %d columns of the mapping is in the table: its headers are %s", len(mapping.Columns), kit.Short(strings.Join(p.headers, ", ")))
	}
	return nil
}

// complete says what of a ledger is missing.
func (p *plan) complete() error {
	switch {
	case p.at(roleDate) < 0 && p.at(rolePeriod) < 0:
		return errors.New("no column is known as the date: call one Posting date, or map it to Date")
	case p.at(roleAmount) < 0 && p.at(roleDebit) < 0 && p.at(roleCredit) < 0:
		return errors.New("no column is known as the amount: call one Amount, or map it to Amount, or to Debit and Credit")
	}
	return nil
}

// isLedger reports whether the columns are those of a ledger and not those of records, which have keys and kinds.
func (p *plan) isLedger() bool {
	if p.complete() != nil {
		return false
	}
	for _, h := range p.headers {
		switch squeeze(h) {
		case "kind", "key", "recordkind":
			return false
		}
	}
	vendor := p.at(roleVendor) >= 0 || p.at(roleVendorNo) >= 0
	return p.at(roleAccount) >= 0 || p.at(roleCostCentre) >= 0 || vendor && p.at(roleInvoice) >= 0
}

// squeeze writes a header in the form in which headers are compared: letters and digits in lower case, in British spelling.
func squeeze(header string) string {
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, header), "center", "centre")
}

var trailing = regexp.MustCompile(`^(.+?)(?:\s+in\s+|[\s_]*[(\[]\s*|[\s_]+)([A-Z]{3}|€|\$|£)\s*[)\]]?$`)

// splitCurrency takes the currency off a header: Amount (EUR), Betrag in €.
func splitCurrency(header string) (base, code string) {
	m := trailing.FindStringSubmatch(header)
	if m == nil {
		return header, ""
	}
	switch m[2] {
	case "€":
		return m[1], "EUR"
	case "£":
		return m[1], "GBP"
	case "$":
		return m[1], "USD"
	case "NET", "TAX", "VAT", "SUM", "DEB":
		return header, ""
	}
	return m[1], m[2]
}
