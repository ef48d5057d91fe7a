# The schedule of a server's backups.

template "copies_kept" {
  type     = number
  required = true
  validate {
    condition = value >= 1
    message   = "At least one copy is kept."
  }
}

template "backup_storage" {
  type        = number
  required    = true
  description = "See the data source serverspace_backup_storages."
}

resource "serverspace_server_backup" {
  description = "The backup schedule of a server. Deleting it deletes all copies."
  identity    = ["server_id"]
  exclusive   = self.server_id

  attribute "id" {
    type        = string
    computed    = true
    value       = self.server_id
    description = "The server's id."
  }
  attribute "server_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "hour" {
    type     = number
    required = true
    from     = "schedule.hour"
    validate {
      condition = value >= 0 && value <= 23
      message   = "The hour is a number from 0 to 23."
    }
  }
  attribute "minute" {
    type     = number
    required = true
    from     = "schedule.minute"
    validate {
      condition = value >= 0 && value <= 59
      message   = "The minute is a number from 0 to 59."
    }
  }
  block "daily" {
    nesting     = "single"
    from        = "schedule.daily"
    description = "A copy each day."
    attribute "keep" {
      use = "copies_kept"
    }
    attribute "backup_storage_id" {
      use = "backup_storage"
    }
  }
  block "weekly" {
    nesting     = "single"
    from        = "schedule.weekly"
    description = "A copy each week."
    attribute "keep" {
      use = "copies_kept"
    }
    attribute "backup_storage_id" {
      use = "backup_storage"
    }
    attribute "weekday" {
      type        = number
      required    = true
      description = "1 is Monday, 7 is Sunday."
      validate {
        condition = value >= 1 && value <= 7
        message   = "The weekday is a number from 1 (Monday) to 7."
      }
    }
  }
  block "monthly" {
    nesting     = "single"
    from        = "schedule.monthly"
    description = "A copy each month."
    attribute "keep" {
      use = "copies_kept"
    }
    attribute "backup_storage_id" {
      use = "backup_storage"
    }
    attribute "day_of_month" {
      type     = string
      required = true
      validate {
        condition = value == "last" || contains([for d in range(1, 29) : tostring(d)], value)
        message   = "The day is \"1\" to \"28\" or \"last\"."
      }
    }
  }
  validate {
    condition = config.daily != null || config.weekly != null || config.monthly != null
    message   = "A schedule needs at least one of the blocks daily, weekly and monthly."
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "30m"
  }

  create {
    # Setting the same schedule again changes nothing.
    request "create" {
      use        = "create"
      path       = "/servers/${self.server_id}/backup"
      idempotent = true
      body       = { hour = self.hour, minute = self.minute, daily = self.daily, weekly = self.weekly, monthly = self.monthly }
    }
    wait "task" {
      use = "created"
    }
    wait "active" {
      use = "server_of_part"
    }
  }

  read {
    request "schedule" {
      path   = "/servers/${self.server_id}/backup"
      object = response
    }
  }

  # Backups that are not enabled are no error.
  gone_when = try(response.enabled, true) == false

  update "schedule" {
    attributes = ["hour", "minute", "daily", "weekly", "monthly"]
    request "update" {
      use  = "change"
      path = "/servers/${self.server_id}/backup"
      body = { hour = self.hour, minute = self.minute, daily = self.daily, weekly = self.weekly, monthly = self.monthly }
      wait "active" {
        use = "server_of_part"
      }
    }
  }

  delete {
    request "delete" {
      method = "DELETE"
      path   = "/servers/${self.server_id}/backup"
      wait "task" {
        use = "task"
      }
      wait "active" {
        use      = "server_of_part"
        tolerate = ["404"]
      }
    }
  }

  import "<server_id>" {}
}
