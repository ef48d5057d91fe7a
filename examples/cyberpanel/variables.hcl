variable "name" {
  type        = string
  default     = "app"
  description = "First part of the host name; another one replaces the machine."
}

variable "plan" {
  type        = string
  default     = "Starter"
  description = "Name of the plan; another one replaces the machine, the API has no resize."
}

variable "power_state" {
  type        = string
  default     = "running"
  description = "running or stopped; it changes in place."

  validation {
    condition     = contains(["running", "stopped"], var.power_state)
    error_message = "A machine is either running or stopped."
  }
}

variable "release" {
  type        = string
  default     = "2026_11"
  description = "What the snapshot is for: letters, digits and underscores. Another one makes another snapshot."
}

variable "root_password" {
  type        = string
  sensitive   = true
  default     = "change-me-2026"
  description = "Sent at creation and never stored. For a first try only: give your own with LOAM_VAR_root_password."
}

variable "public_key" {
  type        = string
  default     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
  description = "Public key of whoever may log in. This one belongs to nobody."
}

variable "webhook_url" {
  type        = string
  default     = "https://hooks.example.com/deployed"
  description = "Who is told when a deployment ends. It has no effect on a machine that exists."
}

variable "webhook_secret" {
  type        = string
  sensitive   = true
  default     = "a-shared-secret"
  description = "Signs what is told: X-Webhook-Signature has the HMAC-SHA256 of the body. Never stored."
}
