variable "n" { default = 1 }
resource "terraform_data" "t" { input = var.n }
resource "terraform_data" "a" { 
  input = var.n
  triggers_replace = var.n
  lifecycle { 
    ignore_changes = all
    replace_triggered_by = [terraform_data.t]
  }
}
