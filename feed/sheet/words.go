package sheet

import (
	"strings"
	"sync"
	"unicode"

	"binnacle/model"
)

// words maps what people write above a column to the fields that it may mean,
// the likeliest first. Both are in the form of squeeze.
var words = map[string][]string{
	"title": {"name"}, "displayname": {"fullname", "name"}, "employeename": {"fullname", "name"}, "friendlyname": {"name"},
	"desc": {"description"}, "notes": {"description"}, "comment": {"description"}, "comments": {"description"}, "remarks": {"description"}, "purpose": {"description"},
	"responsible": {"owner"}, "ownedby": {"owner"}, "businessowner": {"owner"}, "technicalowner": {"owner"}, "team": {"owner"}, "owningteam": {"owner"},
	"labels": {"tags"}, "keywords": {"tags"},
	"serialnumber": {"serial"}, "serialno": {"serial"}, "sn": {"serial"}, "servicetag": {"serial"},
	"assettag": {"inventorynumber"}, "inventoryno": {"inventorynumber"}, "assetnumber": {"inventorynumber"},
	"os": {"operatingsystem"}, "operatingsystemname": {"operatingsystem"}, "platform": {"operatingsystem"}, "operatingsystemversion": {"osversion"},
	"ram": {"memory"}, "mem": {"memory"}, "memorysize": {"memory"}, "totalmemory": {"memory"}, "mainmemory": {"memory"},
	"cpu": {"cpus"}, "cores": {"cpus"}, "cpucores": {"cpus"}, "vcpu": {"cpus"}, "vcpus": {"cpus"}, "cpucount": {"cpus"}, "processors": {"cpus"},
	"storage": {"disk"}, "hdd": {"disk"}, "disksize": {"disk"}, "diskspace": {"disk"}, "totaldisk": {"disk"},
	"ip": {"ips"}, "ipaddress": {"ips"}, "ipaddresses": {"ips"}, "primaryip": {"ips"}, "ipv4": {"ips"}, "managementip": {"ips"},
	"mac": {"macs"}, "macaddress": {"macs"}, "macaddresses": {"macs"},
	"dnsname": {"fqdn"}, "domainname": {"fqdn"}, "fullyqualifieddomainname": {"fqdn"},
	"location": {"site"}, "datacentre": {"site"}, "office": {"site"}, "building": {"site"},
	"make": {"manufacturer"}, "brand": {"manufacturer"}, "maker": {"manufacturer"}, "modelname": {"model"}, "modelnumber": {"model"},
	"env": {"environment"}, "stage": {"environment"},
	"hosttype": {"type"}, "devicetype": {"type"}, "machinetype": {"type"}, "resourcetype": {"type"}, "assettype": {"category"},
	"status": {"state"}, "state": {"status"}, "lifecyclestate": {"state"},
	"lastseen": {"lastcontact"}, "lastcheckin": {"lastcontact"}, "lastreported": {"lastcontact"},
	"hypervisor": {"runson"}, "hostedon": {"runson"}, "dependencies": {"dependson"}, "requires": {"dependson"},
	"eol": {"endoflife"}, "retirementdate": {"endoflife"}, "golive": {"active"}, "golivedate": {"active"},
	"importance": {"criticality"}, "businesscriticality": {"criticality"}, "priority": {"criticality"},
	"mail": {"email"}, "emailaddress": {"email"}, "workemail": {"email"}, "phonenumber": {"phone"}, "telephone": {"phone"}, "mobile": {"phone"},
	"jobtitle": {"position"}, "role": {"position"}, "employeeid": {"employeenumber"}, "personnelnumber": {"employeenumber"}, "staffnumber": {"employeenumber"},
	"supervisor": {"manager"}, "reportsto": {"manager"}, "linemanager": {"manager"}, "department": {"businessunit", "businessunits", "team", "parent"},
	"hiredate": {"joined"}, "joindate": {"joined"}, "leavedate": {"left"}, "terminationdate": {"left"},
	"startdate": {"start"}, "validfrom": {"start"}, "enddate": {"end", "due"}, "expires": {"end"}, "expirydate": {"end"}, "validuntil": {"end"}, "duedate": {"due"}, "deadline": {"due"},
	"noticeperiod": {"notice"}, "cancellationperiod": {"notice"}, "autorenewal": {"autorenew"}, "contractnumber": {"number"}, "vendornumber": {"number"},
	"yearlycost": {"annualcost"}, "costperyear": {"annualcost"}, "annualprice": {"annualcost"}, "cost": {"annualcost", "price"}, "purchaseprice": {"price"}, "purchasecost": {"price"},
	"purchasedate": {"purchased"}, "dateofpurchase": {"purchased"}, "boughton": {"purchased"},
	"warranty": {"warrantyend"}, "warrantyuntil": {"warrantyend"}, "warrantyexpires": {"warrantyend"}, "warrantyexpiry": {"warrantyend"}, "warrantyexpiration": {"warrantyend"},
	"assignee": {"assignedto"}, "user": {"assignedto"}, "assigneduser": {"assignedto"}, "usedby": {"assignedto"},
	"supplier": {"vendor"}, "provider": {"vendor"}, "seller": {"vendor"},
	"url": {"website", "link", "repository"}, "homepage": {"website", "link"}, "repo": {"repository"}, "git": {"repository"}, "sourcecode": {"repository"},
	"purl": {"packageurl", "packageurls"}, "subscriptionid": {"accountid"}, "accountnumber": {"accountid"}, "arn": {"resourceid"},
	"seats": {"quantity"}, "licencecount": {"quantity"}, "software": {"product"}, "usercount": {"users"}, "numberofusers": {"users"}, "progresspercent": {"progress"}, "complete": {"progress"},
	"upvotes": {"votes"}, "likes": {"votes"}, "votecount": {"votes"}, "submittedon": {"received"}, "datesubmitted": {"received"},
	"rto": {"recoverytime"}, "rpo": {"recoverypoint"}, "sla": {"targetavailability"}, "uptime": {"availability"},
}

// hostNames are the words for the name of a machine in a network. It becomes the key, and where it has dots the full name too.
var hostNames = map[string]bool{
	"host": true, "hostname": true, "hostnames": true, "computer": true, "computername": true, "server": true, "servername": true,
	"device": true, "devicename": true, "machine": true, "machinename": true, "vm": true, "vmname": true, "node": true, "nodename": true,
}

// keyWords are the words for the key of a record.
var keyWords = map[string]bool{"key": true, "slug": true, "shortname": true, "recordkey": true}

// externalWords are the words for the name that another system gives to a record.
var externalWords = map[string]bool{"id": true, "externalid": true, "assetid": true, "ciid": true, "sysid": true, "recordid": true, "objectid": true}

// squeeze writes a header in the form in which headers are compared: letters and digits in lower case, in British spelling.
func squeeze(header string) string {
	return british.Replace(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, header))
}

var british = strings.NewReplacer("center", "centre", "license", "licence")

// vocabulary finds the fields of every kind of a schema by what a header may call them.
type vocabulary struct {
	schema *model.Schema
	kinds  map[*model.Kind]*glossary
}

// glossary finds the fields of one kind, by name before label.
type glossary struct {
	label string
	exact map[string]*model.Field
	named map[string]*model.Field
}

var builtinVocabulary = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{schema: model.Builtin(), kinds: map[*model.Kind]*glossary{}}
	for _, k := range v.schema.Kinds() {
		v.kinds[k] = newGlossary(k)
	}
	return v
})

func newVocabulary(schema *model.Schema) *vocabulary {
	builtin := builtinVocabulary()
	if schema == builtin.schema {
		return builtin
	}
	v := &vocabulary{schema: schema, kinds: map[*model.Kind]*glossary{}}
	for _, k := range schema.Kinds() {
		if v.kinds[k] = builtin.kinds[k]; v.kinds[k] == nil {
			v.kinds[k] = newGlossary(k)
		}
	}
	return v
}

func newGlossary(k *model.Kind) *glossary {
	g := &glossary{label: squeeze(k.Label), exact: map[string]*model.Field{}, named: map[string]*model.Field{}}
	for _, f := range k.Fields {
		if name := squeeze(f.Name); g.exact[name] == nil {
			g.exact[name], g.named[name] = f, f
		}
	}
	for _, f := range k.Fields {
		if label := squeeze(f.Label); g.exact[label] == nil {
			g.exact[label] = f
		}
	}
	return g
}
