# Machines and their snapshots.

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
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "A plan's id is a whole number; the data source cyberpanel_plans lists them."
    }
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
      condition = can(regex("^[a-z0-9@.-]+ AAAA[A-Za-z0-9+/]+=*( .*)?$", trimspace(value)))
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
    type     = string
    optional = true
    computed = true
    from     = "status"
    decode   = contains(["running", "stopped"], value) ? value : null
    # While a machine is suspended or fails, nothing is to be changed about it.
    keep        = true
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
    description = "Told by the deployment; null if the service no longer knows it."
  }
  attribute "ssh_user" {
    type        = string
    computed    = true
    from        = []
    description = "Told by the deployment; null if the service no longer knows it."
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
    # After an import: what only the deployment tells, should the service still have it.
    request "deployment" {
      when       = self.ssh_port == null
      path       = "/vps/${self.id}/deployment"
      permission = "vps:read"
      accept     = ["400", "404"]
      result = {
        ssh_port = response.access_info.ssh_port
        ssh_user = response.access_info.ssh_user
      }
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
