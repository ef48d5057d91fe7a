# CyberPanel Cloud Platform, VPS API v1.
#
# Facts that shape this file: there is no update and no DELETE verb; gone is 400
# VPS_DELETED as well as 404; a create answers before the machine works; the list is short
# (no plan, location or billing); names are not unique.

provider "cyberpanel" {
  source      = "registry.terraform.io/loam-iac/cyberpanel"
  version     = "1.0.0"
  description = "Virtual servers of the CyberPanel Cloud Platform."

  setting "api_key" {
    required    = true
    sensitive   = true
    env         = ["CYBERPANEL_API_KEY"]
    description = "API key, beginning with cyp_live_. It needs the scopes vps:read and vps:write; vps:delete is recommended, account:read and billing:read for the data sources of that kind."
  }

  setting "endpoint" {
    env         = ["CYBERPANEL_ENDPOINT"]
    default     = "https://platform.cyberpersons.com/api/v1"
    description = "Base address of the API."
  }

  setting "requests_per_minute" {
    type        = number
    env         = ["CYBERPANEL_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "The key's limit of requests per minute. Answers that tell another limit take precedence."
  }

  setting "requests_per_hour" {
    type        = number
    env         = ["CYBERPANEL_REQUESTS_PER_HOUR"]
    default     = 1000
    description = "The key's limit of requests per hour."
  }

  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.api_key}" }
  timeout  = "60s"

  envelope {
    data    = try(body.data, null)
    success = try(body.success, false)
  }

  errors {
    code    = try(body.error_code, null)
    message = try(body.message, body.error, null)

    error "VPS_NOT_FOUND" {
      gone = true
    }
    error "VPS_DELETED" {
      gone = true
    }
    error "VPS_ALREADY_DELETED" {
      gone = true
    }
    error "VPS_SUSPENDED" {
      hint  = "The machine is suspended: clear the reason (often an unpaid bill) in the web console, then apply again."
      fatal = true
    }
    error "EXPIRED_API_KEY" {
      hint = "The key has expired; make a new one at /api-keys/ of the web console."
    }
    error "INACTIVE_API_KEY" {
      hint = "The key is switched off; switch it on at /api-keys/ of the web console."
    }
    error "IP_NOT_ALLOWED" {
      hint = "This machine's address is not in the key's allow-list."
    }
    error "INSUFFICIENT_BALANCE" {
      hint = "Top up the account, then apply again."
    }
    error "PLAN_NOT_FOUND" {
      hint = "The data source cyberpanel_plans lists the plans."
    }
    error "LOCATION_NOT_FOUND" {
      hint = "The data source cyberpanel_locations lists the locations; one without free addresses counts as not found."
    }
    error "INVALID_TEMPLATE" {
      hint = "The data source cyberpanel_templates lists the templates."
    }
    error "ORDERING_DISABLED" {
      hint = "Ordering is switched off for this account; ask the provider's support."
    }
    # Final for the call; what holds afterwards has to be read.
    error "START_FAILED" {
      fatal = true
    }
    error "STOP_FAILED" {
      fatal = true
    }
    error "RESTART_FAILED" {
      fatal = true
    }
    error "DELETE_FAILED" {
      fatal = true
      hint  = "The machine was not deleted; apply again later."
    }
    error "CONSOLE_FAILED" {
      fatal = true
    }
    error "DEPLOYMENT_FAILED" {
      fatal = true
    }
    error "NODE_NOT_FOUND" {
      fatal = true
    }
  }

  paging "offset" {
    style      = "offset"
    param      = "offset"
    size_param = "limit"
    size       = 100
    total      = try(response.pagination.total, null)
    more       = try(response.pagination.has_more, false)
  }

  rate_limit {
    per_minute       = provider.requests_per_minute
    per_hour         = provider.requests_per_hour
    limit_header     = "X-RateLimit-Limit"
    remaining_header = "X-RateLimit-Remaining"
    reset_header     = "X-RateLimit-Reset"
    key              = provider.api_key
  }
}

resource "cyberpanel_vps" {
  description = "A virtual server. Everything but its power state is fixed at creation: other changes replace it."

  attribute "id" {
    type        = string
    computed    = true
    from        = ["id", "vps_id"]
    description = "The instance id."
  }
  attribute "hostname" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "name"
    description = "Fully qualified host name."
    validate {
      condition = length(value) <= 253 && can(regex("^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$", value))
      message   = "A fully qualified host name is needed, such as web-1.example.com: two or more labels of letters, digits and hyphens."
    }
  }
  attribute "plan_id" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = "plan.id"
    description = "The plan, see the data source cyberpanel_plans. There is no resize."
  }
  attribute "location_code" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = ["location.code", "location"]
    description = "The location, see the data source cyberpanel_locations."
  }
  attribute "template_id" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    description = "The operating system template, see the data source cyberpanel_templates. The API never tells it again."
  }
  attribute "root_password" {
    type        = string
    required    = true
    sensitive   = true
    write_only  = true
    on_change   = "replace"
    description = "Password of root: 8 to 72 characters, at least one letter and one digit."
    validate {
      condition = length(value) >= 8 && length(value) <= 72
      message   = "The password needs 8 to 72 characters."
    }
    validate {
      condition = can(regex("[A-Za-z]", value)) && can(regex("[0-9]", value))
      message   = "The password needs at least one letter and one digit."
    }
  }
  attribute "ssh_key" {
    type        = string
    optional    = true
    on_change   = "replace"
    from        = []
    normalize   = trimspace(value)
    description = "One OpenSSH public key for root."
    validate {
      condition = can(regex("^[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?$", trimspace(value)))
      message   = "One line of an OpenSSH public key is needed, such as \"ssh-ed25519 AAAA… me@example.com\"."
    }
  }
  attribute "webhook_url" {
    type        = string
    optional    = true
    on_change   = "remember"
    from        = []
    description = "Told when the deployment ends. Has no effect after creation."
    validate {
      condition = can(regex("^https?://[^/[:space:]]+", value))
      message   = "A whole address is needed, such as https://hooks.example.com/deployed."
    }
  }
  attribute "webhook_secret" {
    type        = string
    optional    = true
    sensitive   = true
    write_only  = true
    on_change   = "remember"
    description = "Signs the webhook: X-Webhook-Signature is sha256= and the HMAC-SHA256 of the body. Has no effect after creation."
  }
  attribute "webhook_configured" {
    type        = bool
    computed    = true
    from        = []
    description = "Whether the API took the webhook. Told at creation only: null after an import."
  }
  attribute "power_state" {
    type        = string
    optional    = true
    computed    = true
    from        = "status"
    decode      = contains(["running", "stopped"], value) ? value : null
    description = "running or stopped; changed in place."
    validate {
      condition = contains(["running", "stopped"], value)
      message   = "The power state is \"running\" or \"stopped\"."
    }
  }
  attribute "vmid" {
    type        = number
    computed    = true
    description = "The hypervisor's id. Not the id that the API takes."
  }
  attribute "status" {
    type         = string
    computed     = true
    changes_with = ["power_state"]
    description  = "deploying, running, stopped, suspended or failed."
  }
  attribute "ip_address" {
    type        = string
    computed    = true
    description = "The public address."
  }
  attribute "is_suspended" {
    type        = bool
    computed    = true
    description = "Whether the provider has suspended the machine."
  }
  attribute "created_at" {
    type        = string
    computed    = true
    description = "When it was created."
  }
  attribute "updated_at" {
    type        = string
    computed    = true
    volatile    = true
    description = "When it last changed, as of the last detailed read."
  }
  attribute "plan_name" {
    type     = string
    computed = true
    from     = "plan.name"
  }
  attribute "plan_cpu_cores" {
    type     = number
    computed = true
    from     = "plan.cpu_cores"
  }
  attribute "plan_ram_mb" {
    type     = number
    computed = true
    from     = "plan.ram_mb"
  }
  attribute "plan_disk_gb" {
    type     = number
    computed = true
    from     = "plan.disk_gb"
  }
  attribute "plan_bandwidth_gb" {
    type     = number
    computed = true
    from     = "plan.bandwidth_gb"
  }
  attribute "plan_price" {
    type        = string
    computed    = true
    from        = "plan.price"
    description = "Monthly price, a decimal text."
  }
  attribute "location_name" {
    type     = string
    computed = true
    from     = "location.name"
  }
  attribute "node_hostname" {
    type        = string
    computed    = true
    from        = "server.hostname"
    description = "The hypervisor."
  }
  attribute "hourly_rate" {
    type     = string
    computed = true
    from     = "billing.hourly_rate"
  }
  attribute "billing_start" {
    type     = string
    computed = true
    from     = "billing.billing_start"
  }
  attribute "ssh_port" {
    type        = number
    computed    = true
    from        = []
    description = "Told at the end of the deployment only: null after an import."
  }
  attribute "ssh_user" {
    type        = string
    computed    = true
    from        = []
    description = "Told at the end of the deployment only: null after an import."
  }

  timeouts {
    create = "20m"
  }

  create {
    request "create" {
      path       = "/vps/create"
      permission = "vps:write"
      body = {
        hostname       = self.hostname
        plan_id        = self.plan_id
        location_code  = self.location_code
        template_id    = self.template_id
        root_password  = self.root_password
        ssh_key        = self.ssh_key == null ? null : trimspace(self.ssh_key)
        webhook_url    = self.webhook_url
        webhook_secret = self.webhook_secret
      }
      result = {
        id                 = try(response.vps_id, response.id)
        status             = response.status
        ip_address         = response.ip_address
        webhook_configured = response.webhook_configured
      }
    }

    wait "deployment" {
      path         = "/vps/${self.id}/deployment"
      permission   = "vps:read"
      interval     = "10s"
      timeout      = "20m"
      usually      = "3m"
      list_pending = item.status == "deploying"
      done         = try(response.is_ready, false) || try(response.deployment_status, "") == "completed"
      failed       = !contains(["pending", "in_progress", "completed"], try(response.deployment_status, "unknown"))
      reason       = "deployment ${try(response.deployment_status, "failed")} at ${try(coalesce(response.current_task), "an unknown task")}${try(": ${coalesce(response.error_message)}", "")}"
      progress     = try("${coalesce(response.current_task, response.deployment_status)} ${response.progress_percent}%", null)
      result = {
        ssh_port = response.access_info.ssh_port
        ssh_user = response.access_info.ssh_user
        status   = response.vps_status
      }
    }

    request "stop" {
      when       = config.power_state == "stopped"
      path       = "/vps/${self.id}/stop"
      idempotent = true
      permission = "vps:write"
    }
  }

  read {
    request "details" {
      path       = "/vps/${self.id}"
      permission = "vps:read"
    }
  }

  list {
    path       = "/vps"
    permission = "vps:read"
    paging     = "offset"
    items      = response.instances
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "hostname", "vmid", "status", "power_state", "ip_address", "is_suspended", "created_at"]
  }

  update "power" {
    attributes = ["power_state"]
    request "start" {
      when       = self.power_state == "running"
      method     = "POST"
      path       = "/vps/${self.id}/start"
      idempotent = true
      permission = "vps:write"
      result     = { status = response.status }
    }
    request "stop" {
      when       = self.power_state == "stopped"
      method     = "POST"
      path       = "/vps/${self.id}/stop"
      idempotent = true
      permission = "vps:write"
      result     = { status = response.status }
    }
  }

  delete {
    request "delete" {
      method     = "POST"
      path       = "/vps/${self.id}/delete"
      idempotent = true
      permission = "vps:write or vps:delete"
    }
  }

  import "<id>" {
    when = can(regex("^[0-9]+$", id))
  }

  recover {
    match   = item.name == self.hostname
    created = item.created_at
    confirm = response.plan_id == self.plan_id && response.location_code == self.location_code
  }
}

resource "cyberpanel_vps_snapshot" {
  description = "A snapshot of a virtual server. The API can neither delete nor restore it: destroying only forgets it."

  attribute "id" {
    type        = string
    computed    = true
    value       = "${self.vps_id}/${self.name}"
    description = "The machine's id and the snapshot's name."
  }
  attribute "vps_id" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = []
    description = "The machine's id."
  }
  attribute "name" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The name, unique on the machine: letters, digits and underscores."
    validate {
      condition = can(regex("^[A-Za-z0-9_]+$", value))
      message   = "A snapshot's name takes letters, digits and underscores only."
    }
  }
  attribute "description" {
    type      = string
    optional  = true
    on_change = "replace"
    decode    = value == "" ? null : value
  }
  attribute "include_ram" {
    type        = bool
    default     = false
    on_change   = "replace"
    from        = "vmstate"
    description = "Whether to save the memory, too."
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path       = "/vps/${self.vps_id}/snapshots/create"
      permission = "vps:write"
      body = {
        name        = self.name
        description = self.description
        include_ram = self.include_ram
      }
      result = { created_at = response.snapshot.created_at }
    }
  }

  list {
    path       = "/vps/${self.vps_id}/snapshots"
    permission = "vps:read"
    items      = response.snapshots
    item_key   = item.name
    key        = self.name
    attributes = ["name", "description", "include_ram", "created_at"]
  }

  delete {
    forget = "The API cannot delete snapshots: this one stays on the machine until the machine is deleted. Loam only forgets it."
  }

  replace {
    condition = self.name != prior.name || self.vps_id != prior.vps_id
    message   = "The old snapshot cannot be deleted, so a new one needs another name. Change the name together with the other arguments."
  }

  import "<vps_id>/<name>" {}

  recover {
    match   = item.name == self.name
    created = item.created_at
  }
}

data "cyberpanel_account" {
  description = "The account that the key belongs to."
  attribute "id" {
    type     = number
    computed = true
  }
  attribute "email" {
    type     = string
    computed = true
  }
  attribute "full_name" {
    type     = string
    computed = true
  }
  attribute "balance" {
    type     = string
    computed = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "two_factor_enabled" {
    type     = bool
    computed = true
  }
  attribute "vps_ordering_enabled" {
    type     = bool
    computed = true
  }
  attribute "registration_date" {
    type     = string
    computed = true
  }
  request "account" {
    path       = "/account"
    permission = "account:read"
  }
}

data "cyberpanel_billing" {
  description = "Balance, automatic funding and the latest ledger lines."
  attribute "balance" {
    type     = string
    computed = true
  }
  attribute "auto_funding" {
    type = object({
      enabled   = bool
      threshold = string
      amount    = string
    })
    computed = true
  }
  attribute "recent_invoices" {
    type = list(object({
      id          = string
      description = string
      amount      = string
      type        = string
      date        = string
    }))
    computed = true
  }
  request "billing" {
    path       = "/billing"
    permission = "billing:read"
  }
}

data "cyberpanel_api_keys" {
  description = "The account's API keys, without the secrets."
  attribute "api_keys" {
    type = list(object({
      id                    = number
      name                  = string
      key_prefix            = string
      scopes                = list(string)
      is_active             = bool
      ip_whitelist          = list(string)
      expires_at            = string
      last_used_at          = string
      last_used_ip          = string
      request_count         = number
      rate_limit_per_minute = number
      rate_limit_per_hour   = number
      created_at            = string
    }))
    computed = true
  }
  attribute "total" {
    type     = number
    computed = true
  }
  request "api_keys" {
    path       = "/account/api-keys"
    permission = "account:read"
  }
}

data "cyberpanel_api_key_usage" {
  description = "The requests made with an API key, newest first."
  attribute "key_id" {
    type     = number
    required = true
  }
  attribute "limit" {
    type        = number
    default     = 50
    from        = []
    description = "How many to read, at most 100."
    validate {
      condition = value >= 1 && value <= 100
      message   = "The limit is a number from 1 to 100."
    }
  }
  attribute "offset" {
    type    = number
    default = 0
    from    = []
  }
  attribute "key_name" {
    type     = string
    computed = true
  }
  attribute "usage_logs" {
    type = list(object({
      endpoint         = string
      method           = string
      ip_address       = string
      response_status  = number
      response_time_ms = number
      created_at       = string
    }))
    computed = true
  }
  attribute "total" {
    type     = number
    computed = true
    from     = "pagination.total"
  }
  request "usage" {
    path       = "/account/api-keys/${self.key_id}/usage"
    query      = { limit = self.limit, offset = self.offset }
    permission = "account:read"
  }
}

data "cyberpanel_scopes" {
  description = "The scopes that a key may have, as the API lists them."
  attribute "scopes" {
    type = list(object({
      scope       = string
      description = string
    }))
    computed = true
  }
  request "scopes" {
    path = "/scopes"
  }
}

data "cyberpanel_health" {
  description = "Whether the API works."
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "service" {
    type     = string
    computed = true
  }
  attribute "version" {
    type     = string
    computed = true
  }
  request "health" {
    path = "/health"
  }
}

data "cyberpanel_auth_test" {
  description = "What the API knows of the key in use."
  attribute "message" {
    type     = string
    computed = true
  }
  attribute "key_name" {
    type     = string
    computed = true
  }
  attribute "key_prefix" {
    type     = string
    computed = true
  }
  attribute "user_email" {
    type     = string
    computed = true
  }
  attribute "scopes" {
    type     = list(string)
    computed = true
  }
  attribute "ip_address" {
    type     = string
    computed = true
  }
  attribute "request_count" {
    type     = number
    computed = true
  }
  request "test" {
    path = "/test"
  }
}

data "cyberpanel_plans" {
  description = "The plans that can be ordered."
  attribute "plans" {
    type = list(object({
      id            = number
      name          = string
      cpu_cores     = number
      ram_mb        = number
      disk_gb       = number
      bandwidth_gb  = number
      monthly_price = string
      price_hourly  = string
    }))
    computed = true
  }
  request "plans" {
    path       = "/vps/plans"
    permission = "vps:read"
  }
}

data "cyberpanel_locations" {
  description = "The locations."
  attribute "locations" {
    type = list(object({
      code          = string
      name          = string
      country       = string
      available_ips = number
      is_available  = bool
    }))
    computed = true
  }
  request "locations" {
    path       = "/vps/locations"
    permission = "vps:read"
  }
}

data "cyberpanel_templates" {
  description = "The operating system templates."
  attribute "templates" {
    type = list(object({
      id          = string
      name        = string
      os          = string
      description = string
    }))
    computed = true
  }
  request "templates" {
    path       = "/vps/templates"
    permission = "vps:read"
  }
}

data "cyberpanel_vps" {
  description = "One virtual server, by id or by name."
  attribute "id" {
    type        = string
    optional    = true
    computed    = true
    description = "The instance id."
  }
  attribute "name" {
    type        = string
    optional    = true
    computed    = true
    description = "The host name; it has to be unique."
  }
  attribute "vmid" {
    type     = number
    computed = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "ip_address" {
    type     = string
    computed = true
  }
  attribute "is_suspended" {
    type     = bool
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
  attribute "plan" {
    type = object({
      id           = number
      name         = string
      cpu_cores    = number
      ram_mb       = number
      disk_gb      = number
      bandwidth_gb = number
      price        = string
    })
    computed = true
  }
  attribute "location" {
    type     = object({ code = string, name = string })
    computed = true
  }
  attribute "node_hostname" {
    type     = string
    computed = true
    from     = "server.hostname"
  }
  attribute "billing" {
    type = object({
      hourly_rate   = string
      billing_start = string
      last_billed   = string
    })
    computed = true
  }
  validate {
    condition = (config.id == null) != (config.name == null)
    message   = "Set either id or name."
  }
  request "find" {
    when       = self.id == null
    path       = "/vps"
    permission = "vps:read"
    paging     = "offset"
    items      = response.instances
    result     = { id = one([for i in items : i.id if i.name == self.name]) }
    expect {
      condition = length([for i in items : i.id if i.name == self.name]) > 0
      message   = "There is no machine of that name."
    }
    expect {
      condition = length([for i in items : i.id if i.name == self.name]) < 2
      message   = "More than one machine has that name: set id instead."
    }
  }
  request "details" {
    path       = "/vps/${self.id}"
    permission = "vps:read"
  }
}

data "cyberpanel_vps_list" {
  description = "All virtual servers, or those of a status or location."
  attribute "status" {
    type     = string
    optional = true
    from     = []
    validate {
      condition = contains(["running", "stopped", "suspended"], value)
      message   = "The status is \"running\", \"stopped\" or \"suspended\"."
    }
  }
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "instances" {
    type = list(object({
      id           = string
      vmid         = number
      name         = string
      status       = string
      ip_address   = string
      is_suspended = bool
      created_at   = string
    }))
    computed = true
  }
  request "list" {
    path       = "/vps"
    query      = { status = self.status, location = self.location }
    permission = "vps:read"
    paging     = "offset"
    items      = response.instances
    result     = { instances = items }
  }
}

data "cyberpanel_vps_summary" {
  description = "Counts and cost of all virtual servers."
  attribute "total_instances" {
    type     = number
    computed = true
  }
  attribute "running" {
    type     = number
    computed = true
  }
  attribute "stopped" {
    type     = number
    computed = true
  }
  attribute "suspended" {
    type     = number
    computed = true
  }
  attribute "total_monthly_cost" {
    type     = string
    computed = true
  }
  attribute "locations" {
    type     = map(number)
    computed = true
  }
  request "summary" {
    path       = "/vps/summary"
    permission = "vps:read"
  }
}

data "cyberpanel_vps_status" {
  description = "Live metrics of a virtual server."
  attribute "vps_id" {
    type     = number
    required = true
  }
  attribute "vmid" {
    type     = number
    computed = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "qmpstatus" {
    type     = string
    computed = true
  }
  attribute "cpu" {
    type     = object({ usage_percent = number, cores = number })
    computed = true
  }
  attribute "memory" {
    type     = object({ used_bytes = number, total_bytes = number, usage_percent = number })
    computed = true
  }
  attribute "disk" {
    type     = object({ read_bytes = number, write_bytes = number })
    computed = true
  }
  attribute "network" {
    type     = object({ in_bytes = number, out_bytes = number })
    computed = true
  }
  attribute "uptime_seconds" {
    type     = number
    computed = true
  }
  attribute "pid" {
    type     = number
    computed = true
  }
  request "status" {
    path       = "/vps/${self.vps_id}/status"
    permission = "vps:read"
  }
}

data "cyberpanel_vps_deployment" {
  description = "Progress of a virtual server's deployment."
  attribute "vps_id" {
    type     = number
    required = true
  }
  attribute "deployment_status" {
    type     = string
    computed = true
  }
  attribute "vps_status" {
    type     = string
    computed = true
  }
  attribute "current_task" {
    type     = string
    computed = true
  }
  attribute "progress_percent" {
    type     = number
    computed = true
  }
  attribute "tasks_completed" {
    type     = number
    computed = true
  }
  attribute "tasks_total" {
    type     = number
    computed = true
  }
  attribute "tasks" {
    type     = list(object({ name = string, status = string, order = number }))
    computed = true
  }
  attribute "started_at" {
    type     = string
    computed = true
  }
  attribute "completed_at" {
    type     = string
    computed = true
  }
  attribute "is_ready" {
    type     = bool
    computed = true
  }
  attribute "error_message" {
    type     = string
    computed = true
  }
  attribute "access_info" {
    type     = object({ ip_address = string, ssh_port = number, ssh_user = string })
    computed = true
  }
  request "deployment" {
    path       = "/vps/${self.vps_id}/deployment"
    permission = "vps:read"
  }
}

data "cyberpanel_vps_snapshots" {
  description = "The snapshots of a virtual server."
  attribute "vps_id" {
    type     = number
    required = true
  }
  attribute "snapshots" {
    type = list(object({
      name        = string
      description = string
      created_at  = string
      vmstate     = bool
    }))
    computed = true
  }
  request "snapshots" {
    path       = "/vps/${self.vps_id}/snapshots"
    permission = "vps:read"
  }
}

action "cyberpanel_vps_start" {
  description = "Powers a machine on. Does nothing to one that runs."
  message     = "${response.name} is ${response.status}"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "start" {
    path       = "/vps/${self.vps_id}/start"
    idempotent = true
    permission = "vps:write"
  }
}

action "cyberpanel_vps_stop" {
  description = "Powers a machine off."
  message     = "${response.name} is ${response.status}"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "stop" {
    path       = "/vps/${self.vps_id}/stop"
    idempotent = true
    permission = "vps:write"
  }
}

action "cyberpanel_vps_restart" {
  description = "Restarts a machine."
  message     = "${response.name} is ${response.status}"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "restart" {
    path       = "/vps/${self.vps_id}/restart"
    permission = "vps:write"
  }
}

action "cyberpanel_vps_console" {
  description = "Makes an address of the machine's console, valid for a few minutes. Whoever has it has the console."
  message     = "${response.console_url} (valid for ${response.expires_in_seconds} s)"
  attribute "vps_id" {
    type     = number
    required = true
  }
  request "console" {
    method     = "GET"
    path       = "/vps/${self.vps_id}/console"
    permission = "vps:read"
  }
}
