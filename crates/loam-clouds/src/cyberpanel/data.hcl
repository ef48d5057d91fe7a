# What can be read.

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
