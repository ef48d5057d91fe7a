variable "e" {
  validation {
    condition = var.e == null || length(coalesce(var.e, "x")) > 0
    error_message = "Got ${var.e}."
  }
}
