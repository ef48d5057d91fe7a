variable "v" {
  default = "d"
  validation {
    condition = var.v == "d"
    error_message = "base"
  }
}
