variable "flag" {
  validation {
    condition     = length(var.flag) > 3
    error_message = "short"
  }
}
