# The Exchange side of Edgewise, as thin as can be: one request a line in, one framed line out, and nothing that is not in
# the table of operations. Runs in Windows PowerShell 2.0 to 5.1. ASCII: a script without BOM is read as ANSI.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'

# ---- Lines: framed, so that what Exchange's own scripts print is told from an answer.

$frame = '#edgewise '
$utf8 = New-Object System.Text.UTF8Encoding -ArgumentList $false
# [Console]::In and Out speak the code page of the console, and get a byte order mark under some parents.
$reader = New-Object System.IO.StreamReader -ArgumentList ([Console]::OpenStandardInput()), $utf8
$writer = New-Object System.IO.StreamWriter -ArgumentList ([Console]::OpenStandardOutput()), $utf8
$writer.NewLine = "`n"
$writer.AutoFlush = $true

# ConvertTo-Json came with PowerShell 3.0, and writes enumerations, dates and single values in ways of its own.
[void][System.Reflection.Assembly]::LoadWithPartialName('System.Web.Extensions')
$json = New-Object System.Web.Script.Serialization.JavaScriptSerializer
$json.MaxJsonLength = 67108864

# The serializer is given bare text alone: over objects that PowerShell wrapped it goes round in circles.
function ConvertTo-Text($value) {
  if ($null -eq $value) { return 'null' }
  if ($value -is [bool]) { if ($value) { return 'true' } else { return 'false' } }
  if ($value -is [int] -or $value -is [long] -or $value -is [double]) { return $value.ToString([System.Globalization.CultureInfo]::InvariantCulture) }
  if ($value -is [System.Collections.IDictionary]) {
    $pairs = foreach ($key in @($value.Keys)) { $json.Serialize([string]$key) + ':' + (ConvertTo-Text $value[$key]) }
    return '{' + [string]::Join(',', @($pairs)) + '}'
  }
  if ($value -isnot [string] -and $value -is [System.Collections.IEnumerable]) {
    $texts = foreach ($one in $value) { ConvertTo-Text $one }
    return '[' + [string]::Join(',', @($texts)) + ']'
  }
  return $json.Serialize([string]$value)
}

function Send-Frame($value) {
  $writer.WriteLine($frame + (ConvertTo-Text $value))
}

function New-Map {
  return New-Object 'System.Collections.Generic.Dictionary[string,object]'
}

# Text, numbers, true and false; a list is a list of texts. Dates are ISO 8601, intervals d.hh:mm:ss, sizes bytes.
function ConvertTo-Plain($value) {
  if ($null -eq $value) { return $null }
  if ($value -is [bool] -or $value -is [int] -or $value -is [long] -or $value -is [double]) { return $value }
  if ($value -is [datetime]) { return $value.ToUniversalTime().ToString('o', [System.Globalization.CultureInfo]::InvariantCulture) }
  if ($value -is [string]) { return $value }
  if ($value.PSObject.Methods['ToBytes']) { return [long]$value.ToBytes() }
  if ($value -is [System.Collections.IEnumerable]) {
    $texts = New-Object 'System.Collections.Generic.List[string]'
    foreach ($one in $value) { $texts.Add("$one") }
    return , $texts.ToArray()
  }
  return "$value"
}

# Those of the named properties that are there: an older Exchange has fewer.
function Select-Plain($object, [string[]]$names) {
  $map = New-Map
  foreach ($name in $names) {
    $property = $object.PSObject.Properties[$name]
    if ($null -ne $property) { $map[$name] = ConvertTo-Plain $property.Value }
  }
  return $map
}

function Select-All($objects, [string[]]$names) {
  $list = New-Object 'System.Collections.Generic.List[object]'
  foreach ($object in @($objects)) {
    if ($null -ne $object) { $list.Add((Select-Plain $object $names)) }
  }
  return , $list.ToArray()
}

# ---- What may be asked for and set.

$transportNames = @(
  'Name', 'InternalDNSAdapterEnabled', 'InternalDNSAdapterGuid', 'InternalDNSServers', 'InternalDNSProtocolOption',
  'ExternalDNSAdapterEnabled', 'ExternalDNSAdapterGuid', 'ExternalDNSServers', 'ExternalDNSProtocolOption',
  'OutboundConnectionFailureRetryInterval', 'TransientFailureRetryInterval', 'TransientFailureRetryCount',
  'MessageExpirationTimeout', 'DelayNotificationTimeout', 'MaxOutboundConnections', 'MaxPerDomainOutboundConnections',
  'MessageTrackingLogEnabled', 'MessageTrackingLogPath', 'ConnectivityLogEnabled', 'ConnectivityLogPath',
  'SendProtocolLogPath', 'ReceiveProtocolLogPath', 'ReplayDirectoryPath', 'WhenChanged')
$settableNames = @($transportNames | Where-Object { @('Name', 'ReplayDirectoryPath', 'WhenChanged') -notcontains $_ })
$serverNames = @('Name', 'Fqdn', 'Edition', 'AdminDisplayVersion', 'ServerRole', 'ProductID', 'IsEdgeServer', 'WhenChanged')
$connectorNames = @('Identity', 'Name', 'Enabled', 'AddressSpaces', 'SmartHosts', 'DNSRoutingEnabled', 'UseExternalDNSServersEnabled', 'WhenChanged')
$adapterNames = @('Name', 'AdapterGuid', 'MacAddress', 'DnsServers', 'IPAddresses')
$domainNames = @('Name', 'DomainName', 'DomainType', 'Default')
$queueNames = @(
  'Identity', 'NextHopDomain', 'DeliveryType', 'Status', 'MessageCount', 'NextRetryTime', 'LastRetryTime', 'LastError',
  'NextHopCategory', 'NextHopConnector', 'TlsDomain', 'RetryCount', 'DeferredMessageCount', 'LockedMessageCount', 'Velocity')
$messageNames = @(
  'Identity', 'Queue', 'Subject', 'InternetMessageId', 'FromAddress', 'Status', 'Size', 'MessageSourceName', 'SourceIP', 'SCL',
  'DateReceived', 'ExpirationTime', 'LastError', 'RetryCount', 'DeferReason', 'LockReason', 'Priority', 'Directionality')
$targetNames = @('Identity', 'Queue', 'FromAddress', 'DateReceived')
$recipientNames = @('Address', 'Type', 'Status', 'LastError', 'FinalDestination')
$trackedNames = @('Timestamp', 'EventId', 'Source', 'InternalMessageId', 'MessageId', 'Sender', 'Recipients', 'RecipientStatus', 'ServerHostname', 'ServerIp')
$eventNames = @('EventID', 'TimeGenerated', 'EntryType', 'Message')

# An identity that is missing means all to most cmdlets.
function Get-Argument($arguments, [string]$name) {
  if (-not $arguments.ContainsKey($name) -or $null -eq $arguments[$name] -or "$($arguments[$name])" -eq '') {
    throw (New-Object System.ArgumentException -ArgumentList "The argument $name is missing.")
  }
  return $arguments[$name]
}

function Add-Optional($splat, $arguments, [string]$name, [string]$parameter) {
  if ($arguments.ContainsKey($name) -and $null -ne $arguments[$name] -and "$($arguments[$name])" -ne '') { $splat[$parameter] = $arguments[$name] }
}

function Get-PageOf($arguments) {
  $splat = @{ ErrorAction = 'Stop'; ResultSize = [int](Get-Argument $arguments 'limit'); BookmarkIndex = [int](Get-Argument $arguments 'bookmark') }
  Add-Optional $splat $arguments 'filter' 'Filter'
  Add-Optional $splat $arguments 'sort' 'SortOrder'
  return $splat
}

# Exchange 2010 has Get-TransportServer; from 2013 on that one warns, and Get-TransportService is there.
function Get-Transport {
  if ($script:isModern) { return Get-TransportService -ErrorAction Stop }
  return Get-TransportServer -ErrorAction Stop
}

# The message that was chosen, or nothing: its id may be another message's by now.
function Get-Chosen($item) {
  $splat = @{ Identity = [string](Get-Argument $item 'identity'); ErrorAction = 'Stop' }
  $found = @(Get-Message @splat)
  if ($found.Count -ne 1) { return $null }
  $plain = Select-Plain $found[0] $targetNames
  if ($plain['FromAddress'] -ne [string]$item['from'] -or $plain['DateReceived'] -ne [string]$item['received']) { return $null }
  return $found[0]
}

# Does it for each of the chosen messages, and tells how each ended.
function Invoke-ForEach($arguments, [scriptblock]$deed) {
  $rows = New-Object 'System.Collections.Generic.List[object]'
  foreach ($item in @(Get-Argument $arguments 'items')) {
    $row = New-Map
    $row['identity'] = [string]$item['identity']
    try {
      $message = Get-Chosen $item
      if ($null -eq $message) { $row['outcome'] = 'gone' }
      else {
        [void](& $deed $message $item $arguments)
        $row['outcome'] = 'done'
      }
    } catch {
      $row['outcome'] = 'failed'
      $row['error'] = ConvertTo-Error $_
    }
    $rows.Add($row)
  }
  return @{ rows = $rows.ToArray() }
}

function Invoke-OnQueue($arguments, [scriptblock]$deed) {
  $splat = @{ Identity = [string](Get-Argument $arguments 'identity'); ErrorAction = 'Stop'; Confirm = $false }
  [void](& $deed $splat)
  return New-Map
}

function ConvertTo-Error($record) {
  $map = New-Map
  $exception = $record.Exception
  $map['type'] = $exception.GetType().FullName
  $map['message'] = $exception.Message
  $map['fqid'] = "$($record.FullyQualifiedErrorId)"
  $map['category'] = "$($record.CategoryInfo.Category)"
  return $map
}

# ---- The operations: each is bound to fixed cmdlets, and takes its arguments by name alone.

$operations = @{
  'describe' = {
    param($arguments)
    $map = Select-Plain (@(Get-ExchangeServer -Identity $env:COMPUTERNAME -ErrorAction Stop)[0]) $serverNames
    $map['Modern'] = [bool]$script:isModern
    $map['PowerShell'] = "$($PSVersionTable.PSVersion)"
    return $map
  }
  'transport.get' = {
    param($arguments)
    return Select-Plain (@(Get-Transport)[0]) $transportNames
  }
  'transport.set' = {
    param($arguments)
    $splat = @{ ErrorAction = 'Stop'; Confirm = $false; WarningVariable = 'warned' }
    $values = Get-Argument $arguments 'values'
    foreach ($name in @($values.Keys)) {
      if ($settableNames -notcontains $name) { throw (New-Object System.ArgumentException -ArgumentList "$name cannot be set.") }
      $splat[$name] = $values[$name]
    }
    if ($script:isModern) { Get-TransportService -ErrorAction Stop | Set-TransportService @splat }
    else { Get-TransportServer -ErrorAction Stop | Set-TransportServer @splat }
    foreach ($warning in @($warned)) { if ($null -ne $warning) { $script:warnings.Add("$warning") } }
    return Select-Plain (@(Get-Transport)[0]) $transportNames
  }
  'connectors.list' = {
    param($arguments)
    return @{ connectors = (Select-All (Get-SendConnector -ErrorAction Stop) $connectorNames) }
  }
  'connector.set' = {
    param($arguments)
    $splat = @{ Identity = [string](Get-Argument $arguments 'identity'); UseExternalDNSServersEnabled = [bool]$arguments['useExternal']; ErrorAction = 'Stop'; Confirm = $false }
    Set-SendConnector @splat
    return @{ connectors = (Select-All (Get-SendConnector -ErrorAction Stop) $connectorNames) }
  }
  'adapters.list' = {
    param($arguments)
    return @{ adapters = (Select-All (Get-NetworkConnectionInfo -ErrorAction Stop) $adapterNames) }
  }
  'domains.list' = {
    param($arguments)
    return @{ domains = (Select-All (Get-AcceptedDomain -ErrorAction Stop) $domainNames) }
  }
  'service.get' = {
    param($arguments)
    $service = Get-Service -Name 'MSExchangeTransport' -ErrorAction Stop
    $map = New-Map
    $map['Status'] = "$($service.Status)"
    $map['Dependents'] = ConvertTo-Plain @($service.DependentServices | Where-Object { "$($_.Status)" -ne 'Stopped' } | ForEach-Object { $_.Name })
    $map['Directory'] = "$((Get-Service -Name 'ADAM_MSExchange' -ErrorAction SilentlyContinue).Status)"
    $known = Get-WmiObject -Class Win32_Service -Filter "Name='MSExchangeTransport'" -ErrorAction SilentlyContinue
    $map['ProcessId'] = if ($null -ne $known -and $known.ProcessId) { [int]$known.ProcessId } else { $null }
    $process = if ($null -ne $map['ProcessId']) { Get-Process -Id $map['ProcessId'] -ErrorAction SilentlyContinue } else { $null }
    $map['Since'] = if ($null -ne $process) { ConvertTo-Plain $process.StartTime } else { $null }
    return $map
  }
  'service.start' = {
    param($arguments)
    # Returns when it was asked for, not when it is done: whoever asked looks again until its limit.
    (Get-Service -Name 'MSExchangeTransport' -ErrorAction Stop).Start()
    return New-Map
  }
  'service.stop' = {
    param($arguments)
    (Get-Service -Name 'MSExchangeTransport' -ErrorAction Stop).Stop()
    return New-Map
  }
  'service.events' = {
    param($arguments)
    $splat = @{ LogName = 'Application'; Source = 'MSExchangeTransport'; Newest = 50; ErrorAction = 'SilentlyContinue' }
    return @{ events = (Select-All (Get-EventLog @splat | Where-Object { "$($_.EntryType)" -ne 'Information' }) $eventNames) }
  }
  'tracking.list' = {
    param($arguments)
    $since = [DateTime]::Parse([string](Get-Argument $arguments 'since'), [System.Globalization.CultureInfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::RoundtripKind)
    $splat = @{ Start = $since.ToLocalTime(); ResultSize = [int](Get-Argument $arguments 'limit'); ErrorAction = 'Stop' }
    $ends = @(Get-MessageTrackingLog @splat | Where-Object { @('SEND', 'FAIL', 'DSN', 'DEFER') -contains "$($_.EventId)" })
    return @{ events = (Select-All $ends $trackedNames) }
  }
  'queues.list' = {
    param($arguments)
    $splat = Get-PageOf $arguments
    return @{ queues = (Select-All (Get-Queue @splat) $queueNames) }
  }
  'queue.retry' = {
    param($arguments)
    return Invoke-OnQueue $arguments { param($splat) Retry-Queue @splat }
  }
  'queue.suspend' = {
    param($arguments)
    return Invoke-OnQueue $arguments { param($splat) Suspend-Queue @splat }
  }
  'queue.resume' = {
    param($arguments)
    return Invoke-OnQueue $arguments { param($splat) Resume-Queue @splat }
  }
  'messages.list' = {
    param($arguments)
    $splat = Get-PageOf $arguments
    return @{ messages = (Select-All (Get-Message @splat) $messageNames) }
  }
  'messages.targets' = {
    param($arguments)
    $splat = Get-PageOf $arguments
    return @{ messages = (Select-All (Get-Message @splat) $targetNames) }
  }
  'messages.count' = {
    param($arguments)
    $splat = @{ ErrorAction = 'Stop'; ResultSize = 'Unlimited' }
    Add-Optional $splat $arguments 'filter' 'Filter'
    return @{ count = [int](Get-Message @splat | Measure-Object).Count }
  }
  'message.get' = {
    param($arguments)
    $splat = @{ Identity = [string](Get-Argument $arguments 'identity'); IncludeRecipientInfo = $true; ErrorAction = 'Stop' }
    $found = @(Get-Message @splat)
    if ($found.Count -eq 0) { return @{ message = $null; recipients = @() } }
    return @{ message = (Select-Plain $found[0] $messageNames); recipients = (Select-All $found[0].Recipients $recipientNames) }
  }
  'messages.suspend' = {
    param($arguments)
    return Invoke-ForEach $arguments { param($message) Suspend-Message -Identity $message.Identity -Confirm:$false -ErrorAction Stop }
  }
  'messages.resume' = {
    param($arguments)
    return Invoke-ForEach $arguments { param($message) Resume-Message -Identity $message.Identity -Confirm:$false -ErrorAction Stop }
  }
  'messages.remove' = {
    param($arguments)
    return Invoke-ForEach $arguments {
      param($message, $item, $arguments)
      Remove-Message -Identity $message.Identity -WithNDR ([bool]$arguments['ndr']) -Confirm:$false -ErrorAction Stop
    }
  }
  'messages.export' = {
    param($arguments)
    return Invoke-ForEach $arguments {
      param($message, $item)
      $path = [string](Get-Argument $item 'path')
      if (-not [System.IO.Path]::IsPathRooted($path)) { throw (New-Object System.ArgumentException -ArgumentList 'The path is not a whole one.') }
      # Only a suspended message can be exported.
      $wasSuspended = "$($message.Status)" -eq 'Suspended'
      if (-not $wasSuspended) { Suspend-Message -Identity $message.Identity -Confirm:$false -ErrorAction Stop }
      try { Export-Message -Identity $message.Identity -ErrorAction Stop | AssembleMessage -Path $path }
      finally { if (-not $wasSuspended) { Resume-Message -Identity $message.Identity -Confirm:$false -ErrorAction Stop } }
    }
  }
}

# ---- Loading Exchange: the snap-in of its version; an Edge server from 2013 on names its own in exshell.psc1.

function Import-Exchange {
  if ($null -ne (Get-Command -Name Get-ExchangeServer -ErrorAction SilentlyContinue)) { return }
  $path = $env:ExchangeInstallPath
  if ((Test-Path -Path 'HKLM:\SOFTWARE\Microsoft\ExchangeServer\v15\EdgeTransportRole') -and $path) {
    $console = [xml](Get-Content -Path (Join-Path $path 'Bin\exshell.psc1') -ErrorAction Stop)
    foreach ($snapIn in @($console.PSConsoleFile.PSSnapIns.PSSnapIn)) { Add-PSSnapin -Name $snapIn.Name -ErrorAction Stop }
    Import-Module -Name (Join-Path $path 'Bin\Exchange.ps1') -ErrorAction Stop
    return
  }
  foreach ($name in @('Microsoft.Exchange.Management.PowerShell.SnapIn', 'Microsoft.Exchange.Management.PowerShell.E2010')) {
    if ($null -ne (Get-PSSnapin -Name $name -Registered -ErrorAction SilentlyContinue)) {
      Add-PSSnapin -Name $name -ErrorAction Stop
      return
    }
  }
  throw (New-Object System.InvalidOperationException -ArgumentList 'The Exchange Management Shell is not installed here.')
}

$warnings = New-Object 'System.Collections.Generic.List[string]'
$isModern = $false
Send-Frame @{ event = 'loading'; ps = "$($PSVersionTable.PSVersion)"; bits = [IntPtr]::Size * 8 }
try {
  [void](Import-Exchange)
  $isModern = $null -ne (Get-Command -Name Get-TransportService -ErrorAction SilentlyContinue)
  Send-Frame @{ event = 'ready'; modern = $isModern }
} catch {
  Send-Frame @{ event = 'failed'; error = (ConvertTo-Error $_) }
  exit 1
}

while ($null -ne ($line = $reader.ReadLine())) {
  $line = $line.TrimStart([char]0xFEFF)
  if ($line -eq '') { continue }
  $answer = New-Map
  $began = [DateTime]::UtcNow
  $warnings.Clear()
  # Decimals and dates as Exchange prints them would be the user's.
  [System.Threading.Thread]::CurrentThread.CurrentCulture = [System.Globalization.CultureInfo]::InvariantCulture
  try {
    $request = $json.DeserializeObject($line)
    $answer['id'] = $request['id']
    $operation = $operations[[string]$request['op']]
    if ($null -eq $operation) { throw (New-Object System.ArgumentException -ArgumentList 'There is no such operation.') }
    $answer['data'] = & $operation $request['args']
    $answer['ok'] = $true
  } catch {
    [void]$answer.Remove('data')
    $answer['ok'] = $false
    $answer['error'] = ConvertTo-Error $_
  }
  $answer['warnings'] = $warnings.ToArray()
  $answer['ms'] = [int]([DateTime]::UtcNow - $began).TotalMilliseconds
  Send-Frame $answer
}
