# XessOne API v1.
#
# Most object shapes of this API are not documented; where a shape may differ, the
# expressions here take all that are likely (try) and the status decides. Only VPS have a
# detail request: everything else is read by its list.

provider "xessone" {
  source      = "registry.terraform.io/loam-iac/xessone"
  version     = "1.0.0"
  description = "Virtual servers, e-mail accounts, buckets and DNS records of XessOne."

  setting "api_key" {
    required    = true
    sensitive   = true
    env         = ["XESSONE_API_KEY"]
    description = "API key from Settings > API Keys of the dashboard."
  }
  setting "endpoint" {
    env         = ["XESSONE_ENDPOINT"]
    default     = "https://api.xessone.com/v1"
    description = "Base address of the API, with /v1."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["XESSONE_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "Requests per minute of the account's plan: 60 (Solo Edge), 300 (Continental) or 1000 (Planetary). Answers that tell another limit take precedence."
  }

  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.api_key}" }
  timeout  = "60s"

  envelope {
    data    = try(body.data, body)
    success = try(body.success, true)
  }

  errors {
    code    = try(tostring(body.error.code), null)
    message = try(tostring(body.error.message), tostring(body.error), tostring(body.message), null)

    error "404" {
      gone = true
    }
    error "bucket_not_empty" {
      hint = "A bucket is deleted only when it is empty: delete its objects first."
    }
    error "403" {
      hint = "The key may only read; make one with full permission in the dashboard."
    }
  }

  paging "pages" {
    style      = "page"
    param      = "page"
    size_param = "per_page"
    size       = 100
    last_page  = try(body.meta.total_pages, null)
    total      = try(body.meta.total, null)
    # No paging is documented: without a count the list is whole.
    more = false
  }

  rate_limit {
    per_minute       = provider.requests_per_minute
    limit_header     = "X-RateLimit-Limit"
    remaining_header = "X-RateLimit-Remaining"
    reset_header     = "X-RateLimit-Reset"
    key              = provider.api_key
  }
}

resource "xessone_vps" {
  description = "A virtual server. Label and host name change in place, all else replaces it."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "label" {
    type        = string
    required    = true
    description = "The name: 1 to 64 letters, digits, hyphens, underscores and dots."
    validate {
      condition = can(regex("^[A-Za-z0-9_.-]{1,64}$", value))
      message   = "A label takes 1 to 64 letters, digits, hyphens, underscores and dots."
    }
  }
  attribute "hostname" {
    type        = string
    optional    = true
    computed    = true
    description = "The host name; the label if not set."
  }
  attribute "region" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The region, such as fra or sgp1."
  }
  attribute "plan" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The plan, such as edge-1."
  }
  attribute "image" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The image, such as debian-12."
  }
  attribute "ssh_keys" {
    type        = list(string)
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Public keys for root; used at creation only."
  }
  attribute "root_password" {
    type        = string
    optional    = true
    sensitive   = true
    write_only  = true
    on_change   = "replace"
    description = "Password of root, 8 to 72 characters. Without it and without keys the service makes one, which initial_root_password holds."
    validate {
      condition = length(value) >= 8 && length(value) <= 72
      message   = "The password needs 8 to 72 characters."
    }
  }
  attribute "initial_root_password" {
    type        = string
    computed    = true
    sensitive   = true
    from        = []
    description = "The password that the service made, if it made one. Told once, at creation."
  }
  attribute "user_data" {
    type        = string
    optional    = true
    sensitive   = true
    write_only  = true
    on_change   = "replace"
    description = "Cloud-init user data."
  }
  attribute "status" {
    type        = string
    computed    = true
    description = "provisioning, active, restarting, error or deleting."
  }
  attribute "ipv4" {
    type     = string
    computed = true
  }
  attribute "ipv6" {
    type     = string
    computed = true
  }
  attribute "vcpus" {
    type     = number
    computed = true
  }
  attribute "memory_mb" {
    type     = number
    computed = true
  }
  attribute "disk_gb" {
    type     = number
    computed = true
  }
  attribute "ssh_key_fingerprints" {
    type     = list(string)
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "updated_at" {
    type     = string
    computed = true
    volatile = true
  }

  timeouts {
    create = "15m"
  }

  create {
    request "create" {
      path = "/vps"
      body = {
        label         = self.label
        hostname      = self.hostname
        region        = self.region
        plan          = self.plan
        image         = self.image
        ssh_keys      = self.ssh_keys
        root_password = self.root_password
        user_data     = self.user_data
      }
      object = response
      result = { initial_root_password = response.root_password }
    }
    wait "provisioning" {
      path         = "/vps/${self.id}"
      interval     = "5s"
      timeout      = "15m"
      usually      = "1m"
      list_pending = item.status == "provisioning"
      object       = response
      done         = response.status == "active"
      failed       = !contains(["provisioning", "restarting", "active"], response.status)
      reason       = "the status is ${response.status}"
      progress     = response.status
    }
  }

  read {
    request "details" {
      path = "/vps/${self.id}"
    }
  }

  list {
    path       = "/vps"
    paging     = "pages"
    items      = try(response.items, response.vps, response)
    item_key   = item.id
    key        = self.id
    attributes = ["id", "label", "hostname", "region", "plan", "image", "status", "ipv4", "ipv6", "vcpus", "memory_mb", "disk_gb", "ssh_key_fingerprints", "created_at", "updated_at"]
  }

  update "settings" {
    attributes = ["label", "hostname"]
    request "update" {
      path       = "/vps/${self.id}"
      idempotent = true
      body = {
        label    = self.label == prior.label ? null : self.label
        hostname = self.hostname == prior.hostname ? null : self.hostname
      }
      object = response
    }
  }

  delete {
    request "delete" {
      path = "/vps/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match   = item.label == self.label && item.region == self.region
    created = item.created_at
    confirm = response.plan == self.plan && response.image == self.image
  }
}

resource "xessone_email_account" {
  description = "A mailbox. Only the password changes in place; any other change replaces the mailbox and destroys its mail."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "address" {
    type        = string
    required    = true
    on_change   = "replace"
    normalize   = lower(value)
    description = "The whole address; its domain has to be a DNS zone of the account."
    validate {
      condition = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", value))
      message   = "A whole address is needed, such as me@example.com."
    }
  }
  attribute "password" {
    type        = string
    required    = true
    sensitive   = true
    write_only  = true
    description = "The password, 8 to 128 characters. A change made outside cannot be seen."
    validate {
      condition = length(value) >= 8 && length(value) <= 128
      message   = "The password needs 8 to 128 characters."
    }
  }
  attribute "assigned_password" {
    type        = string
    computed    = true
    sensitive   = true
    from        = []
    keep        = true
    description = "The password that the service made instead of the given one, should it do so. Null otherwise."
  }
  attribute "quota_mb" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "The size; 1024 if not set. A change destroys the mail."
    validate {
      condition = value >= 1
      message   = "The size is at least 1 MB."
    }
  }
  attribute "used_mb" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path = "/email"
      body = {
        address  = self.address
        password = self.password
        quota_mb = self.quota_mb
      }
      object = response
      result = { assigned_password = response.password }
    }
  }

  list {
    path       = "/email"
    paging     = "pages"
    items      = try(response.items, response.accounts, response.email, response)
    item_key   = item.id
    key        = self.id
    attributes = ["id", "address", "quota_mb", "used_mb", "status", "created_at"]
  }

  update "password" {
    attributes = ["password"]
    request "password" {
      method     = "PATCH"
      path       = "/email/${self.id}/password"
      idempotent = true
      body       = { password = self.password }
      result     = { assigned_password = response.password }
    }
  }

  delete {
    loses = "The mails of the mailbox are deleted with it. To keep them, set prevent_destroy in its lifecycle block."
    request "delete" {
      path = "/email/${self.id}"
    }
  }

  import "<address>" {
    when = can(regex("@", id))
  }
  import "<id>" {}

  recover {
    match = lower(item.address) == lower(self.address)
  }
}

resource "xessone_bucket" {
  description = "An object storage bucket. It cannot be changed, and is deleted only when it is empty."

  attribute "id" {
    type        = string
    computed    = true
    value       = self.name
    description = "The name."
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", value))
      message   = "A bucket's name has 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends."
    }
  }
  attribute "region" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
  }
  attribute "endpoint" {
    type     = string
    computed = true
  }
  attribute "size_bytes" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "object_count" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path   = "/storage/buckets"
      body   = { name = self.name, region = self.region }
      object = response
    }
  }

  list {
    path       = "/storage/buckets"
    paging     = "pages"
    items      = try(response.items, response.buckets, response)
    item_key   = item.name
    key        = self.name
    attributes = ["name", "region", "endpoint", "size_bytes", "object_count", "created_at"]
  }

  delete {
    request "delete" {
      path = "/storage/buckets/${self.name}"
    }
  }

  import "<name>" {}

  recover {
    match   = item.name == self.name
    created = item.created_at
  }
}

resource "xessone_dns_record" {
  description = "A DNS record. It cannot be changed: a change makes a new one. A CNAME cannot be created before the old one is destroyed."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "zone" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    normalize   = trimsuffix(lower(value), ".")
    description = "The zone's domain. Zones are made in the dashboard."
  }
  attribute "type" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = upper(value)
    validate {
      condition = contains(["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"], upper(value))
      message   = "The type is one of A, AAAA, CNAME, MX, TXT, NS, SRV and CAA."
    }
  }
  attribute "name" {
    type        = string
    required    = true
    on_change   = "replace"
    normalize   = trimsuffix(lower(value), ".")
    description = "The name within the zone; @ for the zone itself."
  }
  attribute "value" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = trimsuffix(trim(value, "\""), ".")
  }
  attribute "ttl" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "Seconds, 60 to 86400; 3600 if not set."
    validate {
      condition = value >= 60 && value <= 86400
      message   = "The ttl is a number of seconds from 60 to 86400."
    }
  }
  attribute "priority" {
    type        = number
    optional    = true
    on_change   = "replace"
    description = "Required for MX and SRV, refused for others."
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  validate {
    condition = (config.priority == null) != contains(["MX", "SRV"], upper(config.type))
    message   = "priority is required for MX and SRV records and not allowed for others."
  }

  create {
    request "create" {
      path  = "/dns/zones/${self.zone}/records"
      hints = { "404" = "The account has no such zone. Zones are made in the dashboard; the data source xessone_dns_zones lists them." }
      body = {
        type     = upper(self.type)
        name     = self.name
        value    = self.value
        ttl      = self.ttl
        priority = self.priority
      }
      object = response
    }
  }

  list {
    path       = "/dns/zones/${self.zone}/records"
    paging     = "pages"
    items      = try(response.items, response.records, response)
    item_key   = item.id
    key        = self.id
    attributes = ["id", "type", "name", "value", "ttl", "priority", "created_at"]
  }

  delete {
    request "delete" {
      path = "/dns/zones/${self.zone}/records/${self.id}"
    }
  }

  import "<zone>/<id>" {}

  recover {
    match = upper(item.type) == upper(self.type) && lower(item.name) == lower(self.name) && trim(item.value, "\"") == trim(self.value, "\"")
  }
}

data "xessone_vps" {
  description = "One virtual server, by id or by label."
  attribute "id" {
    type     = string
    optional = true
    computed = true
  }
  attribute "label" {
    type     = string
    optional = true
    computed = true
  }
  attribute "hostname" {
    type     = string
    computed = true
  }
  attribute "region" {
    type     = string
    computed = true
  }
  attribute "plan" {
    type     = string
    computed = true
  }
  attribute "image" {
    type     = string
    computed = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "ipv4" {
    type     = string
    computed = true
  }
  attribute "ipv6" {
    type     = string
    computed = true
  }
  attribute "vcpus" {
    type     = number
    computed = true
  }
  attribute "memory_mb" {
    type     = number
    computed = true
  }
  attribute "disk_gb" {
    type     = number
    computed = true
  }
  attribute "ssh_key_fingerprints" {
    type     = list(string)
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "updated_at" {
    type     = string
    computed = true
  }
  validate {
    condition = (config.id == null) != (config.label == null)
    message   = "Set either id or label."
  }
  request "find" {
    when   = self.id == null
    path   = "/vps"
    paging = "pages"
    items  = try(response.items, response.vps, response)
    result = { id = one([for i in items : i.id if i.label == self.label]) }
    expect {
      condition = length([for i in items : i.id if i.label == self.label]) > 0
      message   = "There is no machine of that label."
    }
    expect {
      condition = length([for i in items : i.id if i.label == self.label]) < 2
      message   = "More than one machine has that label: set id instead."
    }
  }
  request "details" {
    path = "/vps/${self.id}"
  }
}

data "xessone_vps_list" {
  description = "All virtual servers."
  attribute "vps" {
    type = list(object({
      id         = string
      label      = string
      hostname   = string
      region     = string
      plan       = string
      image      = string
      status     = string
      ipv4       = string
      ipv6       = string
      vcpus      = number
      memory_mb  = number
      disk_gb    = number
      created_at = string
      updated_at = string
    }))
    computed = true
  }
  request "list" {
    path   = "/vps"
    paging = "pages"
    items  = try(response.items, response.vps, response)
    result = { vps = items }
  }
}

data "xessone_email_accounts" {
  description = "All mailboxes."
  attribute "accounts" {
    type = list(object({
      id         = string
      address    = string
      quota_mb   = number
      used_mb    = number
      status     = string
      created_at = string
    }))
    computed = true
  }
  request "list" {
    path   = "/email"
    paging = "pages"
    items  = try(response.items, response.accounts, response.email, response)
    result = { accounts = items }
  }
}

data "xessone_email_activity" {
  description = "What was sent and received."
  attribute "days" {
    type        = number
    default     = 30
    from        = []
    description = "How many days back."
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "The number of days is a whole number from 1."
    }
  }
  attribute "period_start" {
    type     = string
    computed = true
  }
  attribute "period_end" {
    type     = string
    computed = true
  }
  attribute "total_sent" {
    type     = number
    computed = true
  }
  attribute "total_received" {
    type     = number
    computed = true
  }
  attribute "accounts" {
    type = list(object({
      id            = string
      address       = string
      sent          = number
      received      = number
      used_mb       = number
      last_login_at = string
    }))
    computed = true
  }
  request "activity" {
    path  = "/email/activity"
    query = { days = self.days }
  }
}

data "xessone_storage_usage" {
  description = "How much object storage is used."
  attribute "used_bytes" {
    type     = number
    computed = true
  }
  attribute "quota_bytes" {
    type     = number
    computed = true
  }
  attribute "bucket_count" {
    type     = number
    computed = true
  }
  attribute "object_count" {
    type     = number
    computed = true
  }
  request "usage" {
    path = "/storage"
  }
}

data "xessone_buckets" {
  description = "All buckets."
  attribute "buckets" {
    type = list(object({
      name         = string
      region       = string
      endpoint     = string
      size_bytes   = number
      object_count = number
      created_at   = string
    }))
    computed = true
  }
  request "list" {
    path   = "/storage/buckets"
    paging = "pages"
    items  = try(response.items, response.buckets, response)
    result = { buckets = items }
  }
}

data "xessone_dns_zones" {
  description = "All DNS zones."
  attribute "zones" {
    type = list(object({
      domain       = string
      status       = string
      record_count = number
      nameservers  = list(string)
      created_at   = string
    }))
    computed = true
  }
  request "list" {
    path   = "/dns/zones"
    paging = "pages"
    items  = try(response.items, response.zones, response)
    result = { zones = items }
  }
}

data "xessone_dns_zone" {
  description = "One DNS zone."
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "record_count" {
    type     = number
    computed = true
  }
  attribute "nameservers" {
    type     = list(string)
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  request "list" {
    path   = "/dns/zones"
    paging = "pages"
    items  = try(response.items, response.zones, response)
    object = one([for z in items : z if z.domain == self.domain])
    expect {
      condition = length([for z in items : z if z.domain == self.domain]) == 1
      message   = "There is no zone of that domain. Zones are made in the dashboard."
    }
  }
}

data "xessone_dns_records" {
  description = "The records of a DNS zone."
  attribute "zone" {
    type     = string
    required = true
    from     = []
  }
  attribute "records" {
    type = list(object({
      id         = string
      type       = string
      name       = string
      value      = string
      ttl        = number
      priority   = number
      created_at = string
    }))
    computed = true
  }
  request "list" {
    path   = "/dns/zones/${self.zone}/records"
    hints  = { "404" = "The account has no such zone. Zones are made in the dashboard; the data source xessone_dns_zones lists them." }
    paging = "pages"
    items  = try(response.items, response.records, response)
    result = { records = items }
  }
}

action "xessone_vps_restart" {
  description = "Restarts a virtual server and waits until it runs again."
  message     = "restarted"
  attribute "vps_id" {
    type     = string
    required = true
  }
  request "restart" {
    path = "/vps/${self.vps_id}/restart"
  }
  wait "restarting" {
    path     = "/vps/${self.vps_id}"
    interval = "5s"
    timeout  = "10m"
    done     = response.status == "active"
    failed   = !contains(["restarting", "active"], response.status)
    reason   = "the status is ${response.status}"
    progress = response.status
  }
}
