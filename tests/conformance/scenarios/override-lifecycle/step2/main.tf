variable "n" { default = 1 }
resource "terraform_data" "a" { 
  input = var.n
  triggers_replace = 1
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "t" { input = var.n }
resource "terraform_data" "b" { 
  input = 1
  lifecycle { replace_triggered_by = [terraform_data.t] }
}
resource "terraform_data" "c" { 
  input = 1
}
