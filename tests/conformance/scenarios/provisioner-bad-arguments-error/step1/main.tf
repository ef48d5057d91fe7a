resource "terraform_data" "a" {
  provisioner "local-exec" {
    comand = "x"
    quiet  = "maybe"
  }
}
