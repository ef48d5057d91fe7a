variable "n" { default = 1 }
resource "terraform_data" "a" { 
  triggers_replace = var.n
  lifecycle { 
    create_before_destroy = true
    postcondition {
      condition = self.triggers_replace == 1
      error_message = "must be 1"
    }
  }
}
