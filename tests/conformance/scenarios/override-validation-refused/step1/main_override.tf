variable "v" { 
  validation {
    condition = var.v == "d"
    error_message = "over"
  }
}
