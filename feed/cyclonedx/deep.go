package cyclonedx

// deepTable describes the parts that only JSON is checked for: models, data, cryptography, formulation, declarations, patents.
const deepTable = `
modelCard
  bom-ref ref
  modelParameters modelParameters
  quantitativeAnalysis analysisOfModel
  considerations considerations
  properties [property]
modelParameters
  approach approach
  task text
  architectureFamily text
  modelArchitecture text
  datasets [dataset]
  inputs [modelFormat]
  outputs [modelFormat]
approach
  type =approach
dataset
  ref ref
  bom-ref ref
  type =data
  name text
  contents dataContents
  classification text
  sensitiveData [text]
  graphics graphics
  description text
  governance governance
modelFormat
  format text
analysisOfModel
  performanceMetrics [metric]
  graphics graphics
metric
  type text
  value text
  slice text
  confidenceInterval interval
interval
  lowerBound text
  upperBound text
graphics
  description text
  collection [graphic]
graphic
  name text
  image attachment
considerations
  users [text]
  useCases [text]
  technicalLimitations [text]
  performanceTradeoffs [text]
  ethicalConsiderations [ethics]
  environmentalConsiderations environment 1.6+
  fairnessAssessments [fairness]
ethics
  name text
  mitigationStrategy text
environment
  energyConsumptions [energyConsumption]
  properties [property]
energyConsumption
  activity! =activity
  energyProviders! [energyProvider]
  activityEnergyCost! energy
  co2CostEquivalent carbon
  co2CostOffset carbon
  properties [property]
energyProvider
  bom-ref ref
  description text
  organization! organisation
  energySource! =energySource
  energyProvided! energy
  externalReferences [externalReference]
energy
  value! num
  unit! =energyUnit
carbon
  value! num
  unit! =carbonUnit
fairness
  groupAtRisk text
  benefits text
  harms text
  mitigationStrategy text
componentData
  bom-ref ref
  type! =data
  name text
  contents dataContents
  classification text
  sensitiveData [text]
  graphics graphics
  description text
  governance governance
dataContents
  attachment attachment
  url text
  properties [property]
governance
  custodians [responsible]
  stewards [responsible]
  owners [responsible]
responsible
  organization organisation
  contact contact
  ?one organization contact
cryptoProperties
  assetType! =cryptoAsset
  algorithmProperties algorithm
  certificateProperties certificate
  relatedCryptoMaterialProperties material
  protocolProperties protocol
  oid text
algorithm
  primitive =primitive
  algorithmFamily text 1.7+
  parameterSetIdentifier text
  curve text
  ellipticCurve text 1.7+
  executionEnvironment =cryptoEnvironment
  implementationPlatform =cryptoPlatform
  certificationLevel [=certification]
  mode =cipherMode
  padding =padding
  cryptoFunctions [=cryptoFunction]
  classicalSecurityLevel count
  nistQuantumSecurityLevel count
certificate
  serialNumber text 1.7+
  subjectName text
  issuerName text
  notValidBefore time
  notValidAfter time
  signatureAlgorithmRef ref
  subjectPublicKeyRef ref
  certificateFormat text
  certificateExtension text
  certificateFileExtension text 1.7+
  fingerprint hash 1.7+
  certificateState [certificateState] 1.7+
  creationDate time 1.7+
  activationDate time 1.7+
  deactivationDate time 1.7+
  revocationDate time 1.7+
  destructionDate time 1.7+
  certificateExtensions [certificateExtension] 1.7+
  relatedCryptographicAssets [relatedAsset] 1.7+
certificateState
  state =certificateState
  name text
  description text
  reason text
  ?one state name
certificateExtension
  commonExtensionName =certificateExtension
  commonExtensionValue text
  customExtensionName text
  customExtensionValue text
  ?one commonExtensionName customExtensionName
relatedAsset
  type text
  ref ref
material
  type =material
  id text
  state =materialState
  algorithmRef ref
  creationDate time
  activationDate time
  updateDate time
  expirationDate time
  value text
  size int
  format text
  securedBy securedBy
  fingerprint hash 1.7+
  relatedCryptographicAssets [relatedAsset] 1.7+
securedBy
  mechanism text
  algorithmRef ref
protocol
  type =protocol
  version text
  cipherSuites [cipherSuite]
  ikev2TransformTypes transforms
  cryptoRefArray [ref]
  relatedCryptographicAssets [relatedAsset] 1.7+
cipherSuite
  name text
  algorithms [ref]
  identifiers [text]
  tlsGroups [text] 1.7+
  tlsSignatureSchemes [text] 1.7+
transforms
  encr [transform|ref]
  prf [transform|ref]
  integ [transform|ref]
  ke [transform|ref]
  esn bool
  auth [transform|ref]
transform
  name text
  keyLength int
  group int
  algorithm ref
formula
  bom-ref ref
  components [component]
  services [service]
  workflows [workflow]
  properties [property]
workflow
  bom-ref! ref
  uid! text
  name text
  description text
  resourceReferences [resource]
  tasks [task]
  taskDependencies [dependency]
  taskTypes! [=task]
  trigger trigger
  steps [step]
  inputs [input]
  outputs [output]
  timeStart time
  timeEnd time
  workspaces [workspace]
  runtimeTopology [dependency]
  properties [property]
task
  bom-ref! ref
  uid! text
  name text
  description text
  resourceReferences [resource]
  taskTypes! [=task]
  trigger trigger
  steps [step]
  inputs [input]
  outputs [output]
  timeStart time
  timeEnd time
  workspaces [workspace]
  runtimeTopology [dependency]
  properties [property]
step
  name text
  description text
  commands [command]
  properties [property]
command
  executed text
  properties [property]
workspace
  bom-ref! ref
  uid! text
  name text
  aliases [text]
  description text
  resourceReferences [resource]
  accessMode =accessMode
  mountPath text
  managedDataType text
  volumeRequest text
  volume volume
  properties [property]
volume
  uid text
  name text
  mode =volume
  path text
  sizeAllocated text
  persistent bool
  remote bool
  properties [property]
trigger
  bom-ref! ref
  uid! text
  name text
  description text
  resourceReferences [resource]
  type! =trigger
  event event
  conditions [condition]
  timeActivated time
  inputs [input]
  outputs [output]
  properties [property]
event
  uid text
  description text
  timeReceived time
  data attachment
  source resource
  target resource
  properties [property]
input
  source resource
  target resource
  resource resource
  parameters [parameter]
  environmentVars [property|text]
  data attachment
  properties [property]
  ?one resource parameters environmentVars data
output
  type =output
  source resource
  target resource
  resource resource
  data attachment
  environmentVars [property|text]
  properties [property]
  ?one resource environmentVars data
resource
  ref ref
  externalReference externalReference
  ?one ref externalReference
condition
  description text
  expression text
  properties [property]
parameter
  name text
  value text
  dataType text
declarations
  assessors [assessor]
  attestations [attestation]
  claims [claim]
  evidence [claimEvidence]
  targets targets
  affirmation affirmation
  signature any
assessor
  bom-ref ref
  thirdParty bool
  organization organisation
attestation
  summary text
  assessor ref
  map [attestationMap]
  signature any
attestationMap
  requirement ref
  claims [ref]
  counterClaims [ref]
  conformance conformance
  confidence conformance
conformance
  score num
  rationale text
  mitigationStrategies [ref]
claim
  bom-ref ref
  target ref
  predicate text
  mitigationStrategies [ref]
  reasoning text
  evidence [ref]
  counterEvidence [ref]
  externalReferences [externalReference]
  signature any
claimEvidence
  bom-ref ref
  propertyName text
  description text
  data [evidenceData]
  created time
  expires time
  author contact
  reviewer contact
  signature any
evidenceData
  name text
  contents dataContents
  classification text
  sensitiveData [text]
  governance governance
targets
  organizations [organisation]
  components [component]
  services [service]
affirmation
  statement text
  signatories [signatory]
  signature any
signatory
  name text
  role text
  signature any
  organization organisation
  externalReference externalReference
definitions
  standards [standard]
  patents [patent] 1.7+
standard
  bom-ref ref
  name text
  version text
  description text
  owner text
  requirements [requirement]
  levels [level]
  externalReferences [externalReference]
  signature any
requirement
  bom-ref ref
  identifier text
  title text
  text text
  descriptions [text]
  openCre [~cre]
  parent ref
  properties [property]
  externalReferences [externalReference]
level
  bom-ref ref
  identifier text
  title text
  description text
  requirements [ref]
patent
  bom-ref ref
  patentNumber ~patent
  familyId text
  applicationNumber ~patent
  jurisdiction ~jurisdiction
  priorityApplication priority
  publicationNumber ~patent
  title text
  abstract text
  filingDate day
  grantDate day
  patentExpirationDate day
  patentLegalStatus =patentStatus
  patentAssignee [any]
  members [ref]
  externalReferences [externalReference]
  ?one patentNumber familyId
priority
  applicationNumber! ~patent
  jurisdiction! ~jurisdiction
  filingDate! day
patentAssertion
  bom-ref ref
  assertionType! =patentAssertion
  patentRefs [ref]
  asserter! any
  notes text
citation
  bom-ref ref @
  pointers [text] /pointer
  expressions [text] /expression
  timestamp! time
  attributedTo ref
  process ref
  note text
  signature any
  ?one pointers expressions
  ?some attributedTo process
`
